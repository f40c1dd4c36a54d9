#!/bin/bash
# timeout: 120
# The seeds of the fuzzers, and all that they ever found, without a fuzzer.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/check.sh

for target in archive ini params; do
    mapfile -t inputs < <(find tests/fuzz/{corpus,findings}/$target -type f ! -name .gitkeep | sort)
    check "$target, ${#inputs[@]} inputs" "${GNT_REPLAY:-build/tests/fuzz}/$target" "${inputs[@]}"
done
[ "$failures" = 0 ]

#!/bin/bash
# timeout: 180
# A few seconds of each fuzzer under the sanitizers; make fuzz is the real thing.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/check.sh

SECONDS_EACH=5
for target in archive ini params; do
    fuzzer=${GNT_FUZZ:-build/fuzz/tests/fuzz}/$target
    [ -x "$fuzzer" ] || skip "no fuzzers: clang is not installed"
    mkdir "$TMPDIR/$target"
    check "$target" "$fuzzer" -max_total_time=$SECONDS_EACH -timeout=60 -rss_limit_mb=2048 \
        -dict="tests/fuzz/$target.dict" -artifact_prefix="tests/fuzz/findings/$target/" "$TMPDIR/$target" \
        tests/fuzz/{corpus,findings}/$target
done
[ "$failures" = 0 ]

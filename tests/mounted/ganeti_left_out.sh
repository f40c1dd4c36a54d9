#!/bin/bash
# timeout: 300
# make GANETI=0: builds without the libraries of a running cluster, and says so when one is asked for.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/lib/check.sh
directory=${TMPDIR:-build}/ganeti0
binary=$directory/gnt-exportfs
check "it builds" make -j2 all GANETI=0 "BUILD=$directory" "BINARY=$binary" SANITIZE= CFLAGS=-O0
check_no_match "without their libraries" "$(ldd "$binary")" 'libcurl|libjansson'
mkdir -p "$directory/mnt"
status=0
said=$("$binary" ganeti:192.0.2.1 "$directory/mnt" 2>&1) || status=$?
check_eq "ganeti: is refused" "$status" 3
check_match "and it says why" "$said" 'ganeti.*(without|not built|GANETI)'
check_match "--help does not offer it, or says so" "$("$binary" --help)" 'CLUSTER'
[ "$failures" = 0 ]

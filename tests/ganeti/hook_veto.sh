#!/bin/bash
# timeout: 90
# A hook of the cluster that vetoes: EPERM, and what it said.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
mount_cluster max_age=0,linger=0,retry_after=600
check "the export is seen" wait_until 30 test -e "$(node_export rest1 4)/config.ini"
add_hook 3 pre 50-veto 'echo not today; exit 1'
add_hook 1 pre 50-veto 'echo not today; exit 1'
check_fails "a read is EPERM" 'Operation not permitted' cat "$(tar_of rest1)"
check_match "status says why" "$(status_of rest1)" '^error: .*not today'
check_match "and which hook" "$(status_of rest1)" '50-veto'
before=$(njobs rest1)
check_fails "again, without another attempt" 'Operation not permitted' cat "$(tar_of rest1)"
check_eq "no other job" "$(njobs rest1)" "$before"
check "the export that was there stays readable" cp -r "$(node_export rest1 4)" "$TMPDIR/x"
check "and right" same_disk rest1 0 "$(echo "$TMPDIR"/x/*-*)"

#!/bin/bash
# timeout: 90
# Also one that waits for its locks, was asked for by a short name, and by the reader of two mounts.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest2
mount_cluster max_age=0,linger=0
mount_cluster max_age=0,linger=0 "$TMPDIR/mnt2"
before=$(njobs rest2)
hold_nodes
job=$(submit gnt-backup export -n node4 rest2)
soon "it waits" job_is "$job" waiting
cp "$(tar_of rest2)" "$TMPDIR/a.tar" & first=$!
cp "$TMPDIR/mnt2/images/$(dom rest2).tar" "$TMPDIR/b.tar" & second=$!
soon "a reader waits for it" grep -Eq '^readers: [1-9]' "$(inst rest2)/status"
sleep 3
check_eq "there is no other job" "$(njobs rest2)" "$((before + 1))"
release_nodes
check_wait "cp" $first
check_wait "cp through the other mount" $second
check "right to the bit" same_image rest2 "$TMPDIR/a.tar"
check "both" cmp "$TMPDIR/a.tar" "$TMPDIR/b.tar"
check_eq "one job in all" "$(njobs rest2)" "$((before + 1))"

#!/bin/bash
# timeout: 90
# Two mounts of one state directory whose readers come at once: one job, and the same bytes.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest3
mount_cluster max_age=0,linger=0
mount_cluster max_age=0,linger=0 "$TMPDIR/mnt2"
before=$(njobs rest3)
hold_nodes
cp "$(tar_of rest3)" "$TMPDIR/a.tar" & first=$!
cp "$TMPDIR/mnt2/images/$(dom rest3).tar" "$TMPDIR/b.tar" & second=$!
soon "there is a job" has_job rest3 "$before"
sleep 2
release_nodes
check_wait "cp" $first
check_wait "cp through the other mount" $second
check "right to the bit" same_image rest3 "$TMPDIR/a.tar"
check "both" cmp "$TMPDIR/a.tar" "$TMPDIR/b.tar"
check_eq "one job in all" "$(njobs rest3)" "$((before + 1))"
check_eq "one identity" "$(stat -c '%s %Y %Z' "$(tar_of rest3)")" "$(stat -c '%s %Y %Z' "$TMPDIR/mnt2/images/$(dom rest3).tar")"

#!/bin/bash
# DESIGN §2, freshness (a): within max_age a read is served, after it the LU runs again.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster max_age=3600
cat "$(tar_of web1)" >"$TMPDIR/1.tar"
cat "$(tar_of web1)" >"$TMPDIR/2.tar"
cat "$(inst web1)/export/disk0.raw" >"$TMPDIR/disk0"
check_eq "three reads within max_age: one run" "$(runs)" 1
check "the same bytes" cmp "$TMPDIR/1.tar" "$TMPDIR/2.tar"
unmount

mount_cluster max_age=3600
cat "$(tar_of web1)" >"$TMPDIR/3.tar"
check_eq "fresh also after a remount" "$(runs)" 1
check "the same bytes" cmp "$TMPDIR/1.tar" "$TMPDIR/3.tar"
unmount

mount_cluster max_age=1,linger=0
sleep 2
printf x | dd of="$(disk_of web1)" conv=notrunc seek=100000 bs=1 status=none
sleep 2
cat "$(tar_of web1)" >"$TMPDIR/4.tar"
check_eq "after max_age it runs again" "$(runs)" 2
check "and gives what is on the disk now" same_image web1 "$TMPDIR/4.tar"

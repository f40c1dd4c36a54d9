#!/bin/bash
# A failed run keeps the previous export, retires the promised time, and a second try works.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 2M:dense
mount_cluster max_age=1,linger=0
touch_export web1 node2
cp -r "$(exports_of node2)/web1.example.com" "$TMPDIR/old"
sleep 2
promised=$(stat -c %Y "$(tar_of web1)")
mv "$(disk_of web1)" "$TMPDIR/away"
check_fails "the disk is away: an error" . cat "$(tar_of web1)"
check "the old export is as it was" diff -r "$TMPDIR/old" "$(exports_of node2)/web1.example.com"
check "and readable on its node" cp "$M/nodes/node2.example.com/images/web1.example.com.tar" "$TMPDIR/old.tar"
mv "$TMPDIR/away" "$(disk_of web1)"
soon "the disk is seen again" eval '! grep "^warning: disk/0" "$(inst web1)/status"'
touch_export web1
check "with the disk back it works" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
[ "$(stat -c %Y "$(tar_of web1)")" -gt "$promised" ] && pass "under another time" || fail "under another time"

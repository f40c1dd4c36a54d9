#!/bin/bash
# A node's directory is another disk that is not mounted: the node is unreachable, never empty, and
# nothing is written to the folder below; it heals when the disk is back.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense
disk=$(node_dir node2)
make_fs ext4 64M "$disk"
mkdir -p "$disk/export"
mount_cluster ''
touch_export web1 node2
check "an export lies there" test -e "$(exports_of node2)/web1.example.com/config.ini"
stamp=$(stat -c '%Y %s' "$(tar_of web1)")
umount "$disk"
soon "the node is unreachable" grep -q '^state: unreachable' "$M/nodes/node2.example.com/status"
check_match "and says what is missing" "$(cat "$M/nodes/node2.example.com/status")" "error: .*nodes/node2.example.com is not mounted"
check_fails "its exports are not shown as none" 'No route to host' ls "$M/nodes/node2.example.com/exports"
check_fails "nothing is exported to it" 'No route to host' touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
check_eq "nothing was written below" "$(find "$disk" -mindepth 1)" "$disk/export"
unmount
mount_cluster ''
check_match "a new mount knows it too" "$(cat "$M/nodes/node2.example.com/status")" '^state: unreachable'
check_fails "and exports nothing to it" 'No route to host' touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
mount -o loop "$disk.fs" "$disk"
soon "it heals" grep -q '^state: online' "$M/nodes/node2.example.com/status"
check_eq "the image is as before" "$(stat -c '%Y %s' "$(tar_of web1)")" "$stamp"
cat "$(tar_of web1)" >"$TMPDIR/web1.tar"
check "and right to the byte" same_image web1 "$TMPDIR/web1.tar"
check_eq "nobody exported it again" "$(runs)" 1
umount "$disk"
soon "away again" grep -q '^state: unreachable' "$M/nodes/node2.example.com/status"
rm "$C/state/mounted/node2.example.com"
soon "it may be a plain folder if the administrator says so" grep -q '^state: online' "$M/nodes/node2.example.com/status"
touch_export web1 node2
check "that takes exports" test -e "$(exports_of node2)/web1.example.com/config.ini"

#!/bin/bash
# A target without room: ENOSPC before anything is done, and the old export stays.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 30M "$(exports_of node2)"
add_instance web1 --up --disk 8M:dense
mount_cluster ''
rm "$C/state/fake/web1.example.com"
sed -i 's/admin_state = up/admin_state = down/' "$C/instances/web1.example.com.ini"
wait_until 10 grep -q '^state: down' "$(inst web1)/status"
touch_export web1 node2
check "there is an export" same_directory web1 "$(exports_of node2)/web1.example.com"
cp -r "$(exports_of node2)/web1.example.com" "$TMPDIR/old"
make_disk "$(disk_of web1)" 40M:dense other
soon "the disk is bigger now" grep -q '^bytes: 41943040' "$(inst web1)/status"
set_params web1 'target_node = node2.example.com'
touch_export web1 || true
check_match "the next is too big for the node, status says which" "$(status_of web1)" '^(error|refused): .*(space|room|bytes).*node2|^(error|refused): .*node2.*(space|room|bytes)'
unmount
mount_cluster max_age=0,linger=0
check_fails "a reader gets ENOSPC" 'No space left' cat "$(tar_of web1)"
check "the old export is intact" diff -r "$TMPDIR/old" "$(exports_of node2)/web1.example.com"
check "nothing staged" no_leftovers

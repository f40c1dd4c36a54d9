#!/bin/bash
# What is edited behind the mount's back shows up within seconds, without a remount.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
listed() { ls "$M/instances" | tr '\n' ' '; }

add_instance db1
soon "a new instance" eval '[ "$(listed)" = "db1.example.com web1.example.com " ]'
check "its image can be pulled" cp "$(tar_of db1)" "$TMPDIR/db1.tar"
check "and is right" same_image db1 "$TMPDIR/db1.tar"
mv "$C/instances/web1.example.com.ini" "$TMPDIR/"
soon "a removed one" eval '[ "$(listed)" = "db1.example.com " ]'
check_fails "its image is gone" 'No such file' stat "$(tar_of web1)"
mv "$TMPDIR/web1.example.com.ini" "$C/instances/"
soon "back again" test -e "$(tar_of web1)"
sed -i 's/^vcpus = 2/vcpus = 8/' "$C/instances/web1.example.com.ini"
soon "an edited one" grep -q '^vcpus = 8' "$(inst web1)/config.ini"
truncate -s 7M "$(disk_of web1)"
soon "a disk that grew" eval '[ "$(stat -c %s "$(inst web1)/export/disk0.raw")" = 7340032 ]'
make_disk "$TMPDIR/second" 5000 second
sed -i "s|^disk_count = 1|disk_count = 2\ndisk1_path = $TMPDIR/second|" "$C/instances/web1.example.com.ini"
soon "a disk more" eval '[ "$(stat -c %s "$(inst web1)/export/disk1.raw")" = 5000 ]'
node_ini node3 'offline = True'
soon "node.ini: offline" grep -qi offline "$M/nodes/node3.example.com/status"
mkdir -p "$(node_dir node4)/export"
soon "a new node" test -d "$M/nodes/node4.example.com"

touch_export db1 node2
soon "an export" test -e "$M/nodes/node2.example.com/exports/db1.example.com/disk0.raw"
cp -r "$(exports_of node2)/db1.example.com" "$(exports_of node4)/foreign.example.com"
soon "a foreign export" test -e "$M/nodes/node4.example.com/exports/foreign.example.com/config.ini"
check "which can be read" cmp "$M/nodes/node4.example.com/exports/foreign.example.com/disk0.raw" "$(disk_of db1)"
rm -rf "$(exports_of node2)/db1.example.com"
soon "an export that went" eval "! test -e '$M/nodes/node2.example.com/exports/db1.example.com'"
then=$(runs)
cp "$(tar_of db1)" "$TMPDIR/again.tar"
check_eq "is not taken for fresh" "$(runs)" $((then + 1))
check "right to the byte" same_image db1 "$TMPDIR/again.tar"
echo 'not ini' >"$C/cluster.ini"
sleep 2
check "a broken cluster.ini loses nothing" cp "$(tar_of db1)" "$TMPDIR/again.tar"
check_match "and status says so" "$(cat "$M/status")" 'cluster.ini'

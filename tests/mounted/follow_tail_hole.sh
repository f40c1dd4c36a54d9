#!/bin/bash
# timeout: 60
# Who pulls by holes a disk that ends in one is done before its last byte is copied: the run goes on
# for whoever takes the next disk, and both are of one export.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 200M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
add_instance web1 --disk 20M:hole-end --disk 20M:dense
add_instance web2 --disk 20M:empty --disk 20M:dense
mount_cluster target_node=node2.example.com
hold_in pwrite64 enter 20000
for name in web1 web2; do
    check "$name: the first disk" python3 "$LIB/follow.py" read "$(inst $name)/export/disk0.raw" "$TMPDIR/disk0" holes
    check "$name: is right" cmp "$TMPDIR/disk0" "$(disk_of $name)"
    sleep 0.5
    check_no_match "$name: the run goes on" "$(status_of $name)" '^job_state: canceled'
    check "$name: the second disk" cp "$(inst $name)/export/disk1.raw" "$TMPDIR/disk1"
    check "$name: is right, too" cmp "$TMPDIR/disk1" "$(disk_of $name 1)"
done
release
soon "the runs are over" idle
check_eq "one run for both disks of each" "$(sort "$RUNS" | uniq -c | tr -s ' ')" " 1 web1.example.com
 1 web2.example.com"

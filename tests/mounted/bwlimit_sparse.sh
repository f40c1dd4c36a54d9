#!/bin/bash
# timeout: 120
# Under -o bwlimit holes cost nothing, and what is cloned only its hashing.  The limit is such that
# nothing which waits for it ever ends.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 3G:empty
mount_cluster bwlimit=1
check "a disk of holes" timeout 60 cp --sparse=always "$(inst web1)/export/disk0.raw" "$TMPDIR/disk0"
check_eq "all of it" "$(stat -c %s "$TMPDIR/disk0")" $((3 << 30))
wait_until 20 idle
unmount
command -v mkfs.xfs >/dev/null || { pass "clones # skip: no mkfs.xfs"; exit 0; }
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/disks" "$TMPDIR/xfs/export"
rmdir "$C/nodes/node1.example.com/export"
ln -s "$TMPDIR/xfs/export" "$C/nodes/node1.example.com/export"
add_instance web2 --dir "$TMPDIR/xfs/disks" --disk 40M:dense
mount_cluster bwlimit=1,target_node=node1
check "a clone is published at once" timeout 30 cp "$(inst web2)/export/disk0.raw" "$TMPDIR/disk0"
check "right to the byte" cmp "$TMPDIR/disk0" "$(disk_of web2)"
check_match "its hashing waits" "$(status_of web2)" '^phase: hashing'

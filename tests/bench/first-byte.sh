#!/bin/bash
# timeout: 600
# From the read that starts an export to its first byte: a disk of 64 GiB of holes with 1 GiB of
# data on XFS; cp --reflink=always of it and two fsync.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
make_cluster
make_fs xfs 8G "$TMPDIR/xfs"
mkdir "$TMPDIR"/xfs/{disks,export}
node_ini node2 "export_dir = $TMPDIR/xfs/export"
add_instance web1 --up --dir "$TMPDIR/xfs/disks" --disk 1M:empty
disk=$(disk_of web1)
truncate -s 64G "$disk"
data_in_places "$disk" 1000
mount_cluster max_age=0,linger=0,target_node=node2
copy=$TMPDIR/xfs/copy

ready() { wait_until 120 idle && rm -f "$copy" && sync -f "$TMPDIR/xfs" && settled; }
before_first_byte() { ready; }
before_clone() { ready; }
first_byte() { dd if="$(inst web1)/export/disk0.raw" of=/dev/null bs=1 count=1 status=none; }
clone() { command cp --reflink=always "$disk" "$copy" && sync "$copy" "$TMPDIR/xfs"; }

in_rounds first_byte clone
check "each was an export" test "$(runs)" = "$ROUNDS"
compare 'read to first byte' time first_byte clone '<= 3'

#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs copy from snapshots of running instances; the snapshots'
# space is free again afterwards.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_fs xfs 400M "$TMPDIR/xfs"
make_fs ext4 200M "$TMPDIR/ext4"
make_readers_cluster "$TMPDIR/xfs"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
mount_cluster "${MOUNT_READERS/shutdown,/},target_node=node2.example.com"
hold_in fadvise64
at_stage() { status_of "$1" | grep -q '^phase: copying'; }
interrupt_at "live copy"
unmount
check "no file without a name is left on the disks' file system" umount "$TMPDIR/xfs"

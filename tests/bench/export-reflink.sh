#!/bin/bash
# timeout: 1800
# XFS, a dense disk of 8 GiB, from the trigger to what is published, which is a clone; cp
# --reflink=never of it.  And whether the time follows the bytes: the same with 1 GiB.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
make_cluster
make_fs xfs 24G "$TMPDIR/xfs"
mkdir "$TMPDIR"/xfs/{disks,export}
node_ini node2 "export_dir = $TMPDIR/xfs/export"
exports_of() { echo "$TMPDIR/xfs/export"; }
dense_instance big $((8 << 30)) "$TMPDIR/xfs/disks"
dense_instance small $((1 << 30)) "$TMPDIR/xfs/disks"
mount_cluster max_age=0,linger=0,target_node=node2
copy=$TMPDIR/xfs/copy

ready() { wait_until 120 idle && rm -f "$copy" && sync -f "$TMPDIR/xfs" && settled; }
before_big() { ready; }
before_small() { ready; }
before_cp() { ready && cold "$(disk_of big)"; }
big() { export_now big node2; }
small() { export_now small node2; }
cp() { command cp --reflink=never "$(disk_of big)" "$copy"; }

in_rounds big small cp
wait_until 120 idle
check "what was exported is right" cmp "$(disk_of small)" "$(exports_of node2)/small.example.com/disk0.raw"
compare '8 GiB' time big cp '<= 0.05'
compare '1 GiB instead of 8 GiB' time small big '>= 0.5'

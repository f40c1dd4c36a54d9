#!/bin/bash
# timeout: 240
# The machine crashes at any moment of an export by clones, whose checksums are added afterwards.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/crash.sh"
make_cluster
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
crash_exports[node2]=$TMPDIR/xfs/export
add_instance web1 --up --dir "$TMPDIR/xfs" --disk 12288:dense --disk 5000:dense
mount_cluster ''
touch_export web1 node2
change_disk web1
record touch_export web1 node2
check "by clones" grep -q FICLONE "$TMPDIR/log"
check "and the checksums were added" grep -q 'XXH128SUMS.new-' "$TMPDIR/log"
crash_check "the machine crashes" --always-there
crash_check "the machine crashes in the start after a death" --always-there --killed

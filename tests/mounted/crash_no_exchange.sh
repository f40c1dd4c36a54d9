#!/bin/bash
# timeout: 240
# The machine crashes at any moment of an export where directories cannot be exchanged.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/crash.sh"
make_cluster
add_instance web1 --disk 12288:dense --disk 5000:dense
mount_cluster ''
touch_export web1 node2
change_disk web1
crash_strace=(-e inject=renameat2:error=EINVAL)
record touch_export web1 node2
check "it was replaced" same_directory web1 "$(exports_of node2)/web1.example.com"
check "in two steps" grep -q 'NAME.*\.old-\|\.web1\.example\.com\.old-' "$TMPDIR/log"
crash_check "the machine crashes"
crash_check "the machine crashes in the start after a death" --killed

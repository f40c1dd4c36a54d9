#!/bin/bash
# timeout: 240
# The machine crashes at any moment of an export that replaces an older one, and of what a start
# after a death in it does.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/crash.sh"
make_cluster
add_instance web1 --disk 12288:dense --disk 5000:dense
mount_cluster ''
touch_export web1 node2
change_disk web1
record touch_export web1 node2
crash_check "the machine crashes" --always-there
crash_check "the machine crashes in the start after a death" --always-there --killed

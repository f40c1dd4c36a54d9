#!/bin/bash
# timeout: 240
# The machine crashes at any moment of an export to another node, which removes the older one.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/crash.sh"
make_cluster
add_instance web1 --disk 12288:dense --disk 5000:dense
mount_cluster ''
touch_export web1 node3
change_disk web1
record touch_export web1 node2
check "it was removed" test ! -e "$(exports_of node3)/web1.example.com"
crash_check "the machine crashes" --always-there
crash_check "the machine crashes in the start after a death" --always-there --killed
crash_check "each fsync of the removal is missed" --always-there --drop-each node3

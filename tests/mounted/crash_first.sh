#!/bin/bash
# timeout: 240
# The machine crashes at any moment of the first export that a cluster makes.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/crash.sh"
make_cluster
add_instance web1 --disk 12288:dense --disk 5000:dense
mount_cluster ''
record touch_export web1 node2
check "it was made" same_directory web1 "$(exports_of node2)/web1.example.com"
crash_check "the machine crashes"
crash_check "the machine crashes in the start after a death" --killed

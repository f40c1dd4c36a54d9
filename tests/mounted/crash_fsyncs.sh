#!/bin/bash
# timeout: 240
# The search for crashes that do harm finds one for each fsync of the export that might be forgotten.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/crash.sh"
make_cluster
add_instance web1 --disk 12288:dense --disk 5000:dense
mount_cluster ''
touch_export web1 node2
change_disk web1
record touch_export web1 node2
crash_check "each is missed" --always-there --drop-each node2

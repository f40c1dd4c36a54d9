#!/bin/bash
# Target node: params, else -o target_node, else where it lies, else the most free space, not the primary.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_instance web2
add_instance web3
for n in 2 3; do make_fs ext4 $((n * 16))M "$(exports_of node$n)"; done
mount_cluster ''
holds() { [ -e "$(exports_of "$1")/$2.example.com/config.ini" ]; }
touch_export web1
check "the node with most free space, not the primary" holds node3 web1
unmount
mount_cluster target_node=node2
touch_export web2
check "-o target_node, short" holds node2 web2
set_params web3 'target_node = node1.example.com'
touch_export web3
check "params before the mount's option, and the primary if it is wanted" holds node1 web3
for n in 2 3; do node_ini node$n 'offline = True'; done
unmount
add_instance web4
mount_cluster ''
wait_until 10 grep -qi offline "$M/nodes/node3.example.com/status"
touch_export web4
check "the primary when there is no other" holds node1 web4

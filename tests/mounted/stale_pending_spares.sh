#!/bin/bash
# A removal pending concerns that copy only: another one that took its place is left alone.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
touch_export web1 node2
node_ini node2 'offline = True'
wait_until 20 grep -qi offline "$M/nodes/node2.example.com/status"
touch_export web1 node3
rm -r "$(exports_of node2)/web1.example.com"
mkdir "$(exports_of node2)/web1.example.com"
echo precious >"$(exports_of node2)/web1.example.com/keep"
node_ini node2 'offline = False'
soon "node2 is back" grep -qi 'online' "$M/nodes/node2.example.com/status"
sleep 3
check "what is not that copy stays" test -e "$(exports_of node2)/web1.example.com/keep"

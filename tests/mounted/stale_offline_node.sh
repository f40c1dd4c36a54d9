#!/bin/bash
# A stale copy on a node that is offline is remembered, and goes when the node is back.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
touch_export web1 node2
old=$(stat -c %i "$(exports_of node2)/web1.example.com")
node_ini node2 'offline = True'
soon "node2 shows as offline" grep -qi 'offline' "$M/nodes/node2.example.com/status"
touch_export web1 node3
check "exported to node3" test -d "$(exports_of node3)/web1.example.com"
check_eq "the offline node was left alone" "$(stat -c %i "$(exports_of node2)/web1.example.com")" "$old"
check_match "its status tells of the removal pending" "$(cat "$M/nodes/node2.example.com/status")" \
    'pending.*web1|pending: *1'
unmount
mount_cluster ''
check_match "remembered over a remount" "$(cat "$M/nodes/node2.example.com/status")" 'pending.*web1|pending: *1'
node_ini node2 'offline = False'
soon "back online: the stale copy goes" eval "! test -e '$(exports_of node2)/web1.example.com'"
soon "nothing is pending" eval "! grep -Ei 'pending.*(web1|: *[1-9])' '$M/nodes/node2.example.com/status'"
check "the fresh one stays" test -s "$(exports_of node3)/web1.example.com/config.ini"
cp "$(tar_of web1)" "$TMPDIR/"
check_eq "and is what is read" "$(runs)" 2

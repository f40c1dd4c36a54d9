#!/bin/bash
# touch nodes/N/images/NAME.tar, existing or new: the same with target node N; the stale copy goes.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
where() { (cd "$M/nodes" && ls -d ./*/exports/web1.example.com 2>/dev/null | cut -d/ -f2); }
touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
soon "a new name: exported to node2" test -d "$(exports_of node2)/web1.example.com"
soon "the tree shows it there" eval '[ "$(where)" = node2.example.com ]'
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
soon "then to node3" eval '[ "$(where)" = node3.example.com ]'
soon "the stale copy on node2 goes" eval '[ -z "$(ls -A "$(exports_of node2)")" ]'
wait_until 20 idle
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
soon "an existing name runs it again" eval '[ "$(runs)" = 3 ]'
wait_until 20 idle
check_eq "still on node3 only" "$(where)" node3.example.com
touch "$(tar_of web1)"
soon "without a node: where the current one lies" eval '[ "$(runs)" = 4 ]'
wait_until 20 idle
check_eq "on node3" "$(where)" node3.example.com
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
check_fails "an instance that is none" 'No such file' touch "$M/nodes/node2.example.com/images/none.tar"
check_fails "any other name" . touch "$M/nodes/node2.example.com/images/web1.example.com.zip"
node_ini node1 'drained = True'
soon "a drained node is no target" eval "! touch '$M/nodes/node1.example.com/images/web1.example.com.tar'"
check_fails "and that is EBUSY" 'busy' touch "$M/nodes/node1.example.com/images/web1.example.com.tar"
node_ini node1 'offline = True'
soon "an offline primary" eval "{ touch '$(tar_of web1)' 2>&1 || true; } | grep 'Host is down'"
check_eq "still four runs" "$(runs)" 4

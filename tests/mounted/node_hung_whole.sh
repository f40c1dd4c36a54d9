#!/bin/bash
# All of a node's directory lies on a file server that stops answering: node.ini, hooks, exports.  An
# export to it hangs before it has done anything, and costs nobody else anything; it heals.
# timeout: 120
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
add_instance web1 --up --disk 1M:dense
add_instance web2 --disk 1M:dense
add_hook node2 pre 00-here 'echo here'
node_ini node2 'drained = False'
serve node2 "$(node_dir node2)"
mount_cluster stall=10,max_jobs=1
N2=$M/nodes/node2.example.com
set_params web1 'shutdown = True' 'long_sleep = True'
stop_server node2
check "an export to it is taken" timeout 5 touch "$N2/images/web1.example.com.tar"
check "one to another node, too" timeout 5 touch "$M/nodes/node3.example.com/images/web2.example.com.tar"
check "ls of everything" timeout 20 bash -c "ls -lR $M; true"
check "the second one gets the slot" wait_until 60 test -e "$(exports_of node3)/web2.example.com/config.ini"
check "the first one has stopped nothing" is_running web1
check_match "its status tells" "$(status_of web1)" '^error: .*(no sign of life|reach).*node2'
soon "the node is unreachable" grep -q '^state: unreachable' "$N2/status"
check_fails "nothing more is exported to it" 'No route to host\|busy' touch "$N2/images/web1.example.com.tar"
continue_server node2
soon "nothing hangs any more" grep -q '^jobs_hung: 0' "$M/status"
soon "the node is online" grep -q '^state: online' "$N2/status"
check "it takes exports" touch_export web1 node2
check "indeed" same_directory web1 "$(served node2)/export/web1.example.com"
check_match "its hooks run" "$(cat "$(inst web1)/log")" '00-here on .*: here'

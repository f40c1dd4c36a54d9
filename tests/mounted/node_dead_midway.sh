#!/bin/bash
# The target's file server dies in the middle of a copy: the export fails at once, the instance runs
# again, nothing else is disturbed; with a new server the stage is cleared up.
# timeout: 90
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
add_instance web1 --up --disk 8M:dense
add_instance web2 --disk 1M:dense
serve_node node2 --write-rate=1M
mount_cluster max_jobs=1,retry_after=0
set_params web1 'shutdown = True' 'long_sleep = True' 'target_node = node2.example.com'
set_params web2 'target_node = node3.example.com'
cat "$(tar_of web1)" >/dev/null 2>"$TMPDIR/errors" & reader=$!
check "the copy has begun" wait_until 20 staged node2 web1
kill_server node2
status=0
wait $reader || status=$?
check_eq "the reader fails" "$status" 1
soon "the run is over" idle
check_match "status says why" "$(status_of web1)" '^error: .*(not connected|software caused|transport endpoint)'
check "the instance runs again" is_running web1
check_no_match "no lock is held" "$(cat "$M/status")" '^lock:'
soon "the node is unreachable" grep -q '^state: unreachable' "$M/nodes/node2.example.com/status"
cat "$(tar_of web2)" >"$TMPDIR/web2.tar"
check "others go on" same_image web2 "$TMPDIR/web2.tar"
umount "$(exports_of node2)"
check_fails "without its file system nothing is exported to it" 'No route to host\|busy' touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
start_server node2 "$(exports_of node2)"
soon "it is back with a new server" grep -q '^state: online' "$M/nodes/node2.example.com/status"
touch_export web1 node2
check "it takes exports" same_directory web1 "$(served node2)/web1.example.com"
check_eq "what was staged is gone" "$(ls -A "$(served node2)")" web1.example.com

#!/bin/bash
# The target's file server stops answering in the middle of a copy for which the instance had to be
# stopped: readers are told, the instance runs again, the only job slot goes to others, another export
# of that instance is refused; when the server answers the rest is rolled back and all is well.
# timeout: 180
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
add_instance web1 --up --disk 8M:dense
add_instance web2 --disk 1M:dense
serve_node node2 --write-rate=1M
mount_cluster stall=10,max_jobs=1,max_age=0,linger=0,retry_after=1
set_params web1 'shutdown = True' 'long_sleep = True' 'target_node = node2.example.com'
set_params web2 'target_node = node3.example.com'

cat "$(tar_of web1)" >/dev/null 2>"$TMPDIR/errors" & reader=$!
check "the copy has begun" wait_until 20 staged node2 web1
stop_server node2
check "the instance is stopped for it" eval '! is_running web1'
timeout 60 cat "$(tar_of web2)" >"$TMPDIR/web2.tar" & other=$!
check "stat and ls go on" timeout 10 ls -lR "$M/instances" "$M/images"
status=0
wait $reader || status=$?
check_eq "the reader fails" "$status" 1
check_match "with a time-out" "$(cat "$TMPDIR/errors")" 'timed out'
check_wait "an export to another node gets the slot" $other
check "and is right" same_image web2 "$TMPDIR/web2.tar"
soon "the instance runs again" is_running web1
check_match "its status tells" "$(status_of web1)" '^job_state: hung'
check_match "and why" "$(status_of web1)" '^error: .*no sign of life.*node2'
check_match "the mount's, too" "$(cat "$M/status")" '^jobs_hung: 1$'
check_match "the lock stays held" "$(cat "$M/status")" '^lock: export/web1.example.com exclusive held'
check_fails "another export of it is refused" 'busy' touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
sleep 1.5
check_fails "to a reader as well" 'busy\|timed out' timeout 20 cat "$(tar_of web1)"
soon "the node is shown as unreachable" grep -q '^state: unreachable' "$M/nodes/node2.example.com/status"
touch_export web2
check "the slot can be used again and again" test -e "$(exports_of node3)/web2.example.com"

continue_server node2
soon "the stage goes when the node is back" eval '! find "$(served node2)" -mindepth 1 | grep .'
soon "so does the lock" eval '! grep ^lock: "$M/status"'
check_match "nothing hangs" "$(cat "$M/status")" '^jobs_hung: 0$'
check_eq "the journal is empty" "$(ls -A "$C/state/journal" 2>/dev/null)" ''
check "the instance runs" is_running web1
soon "the node is online" grep -q '^state: online' "$M/nodes/node2.example.com/status"
check "it takes exports again" touch_export web1 node2
check "indeed" same_directory web1 "$(served node2)/web1.example.com"

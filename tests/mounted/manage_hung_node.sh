#!/bin/bash
# -o manage: a node whose file server does not answer: rm does not wait, nor do others; what was not
# removed comes back, with the reason.  One that is known to be away is EHOSTDOWN or EHOSTUNREACH at once.
# timeout: 180
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
add_instance web1
add_instance web2
serve_node node2
mount_cluster manage,stall=10
N2=$M/nodes/node2.example.com
touch_export web1 node2
touch_export web2 node3
stop_server node2
timeout 30 rm "$N2/images/web1.example.com.tar" 2>"$TMPDIR/error" || true
check_match "rm is answered" "$(cat "$TMPDIR/error")none" '^none$|Host|route'
check "other nodes go on" timeout 20 rm "$M/nodes/node3.example.com/images/web2.example.com.tar"
soon "there it goes" eval '[ -z "$(ls -A "$(exports_of node3)")" ]'
check "stat and ls go on" timeout 20 ls -lR "$M/instances" "$M/images"
soon "the node is found to be away" grep -q '^state: unreachable' "$N2/status"
check_fails "rm is refused" 'No route to host' timeout 20 rm "$N2/images/web1.example.com.tar"
check_fails "rm -r as well" 'No route to host' timeout 20 rm -r "$N2/exports/web1.example.com"
soon "no removal waits" idle
continue_server node2
soon "when it is back the copy is shown" test -e "$N2/images/web1.example.com.tar"
check "and whole" same_directory web1 "$(served node2)/web1.example.com"
check "rm" rm "$N2/images/web1.example.com.tar"
soon "it goes" eval '[ -z "$(ls -A "$(served node2)")" ]'
node_ini node3 'offline = True'
soon "a node is offline" grep -q '^state: offline' "$M/nodes/node3.example.com/status"
check_fails "rm there is refused" 'Host is down' rm -r "$M/nodes/node3.example.com/exports/web2.example.com"

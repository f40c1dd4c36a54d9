#!/bin/bash
# -o manage: a node's file server stops answering in the middle of a removal: others go on, the mount can be
# unmounted, and what is left is whole or goes by itself when the server answers.
# timeout: 180
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
. "$LIB/hold.sh"
make_cluster
add_instance web1
add_instance web2
serve_node node2
mount_cluster manage,stall=10
N2=$M/nodes/node2.example.com
touch_export web1 node2
touch_export web2 node3
hold_in renameat2
check "rm" rm "$N2/images/web1.example.com.tar"
removing() { grep -q '^job: [0-9]* running web1.example.com from node2.example.com: removing' "$M/status"; }
soon "the removal has begun" removing
soon "and is on record" eval '[ -n "$(ls -A "$C/state/pending")" ]'
stop_server node2
release
check "rm on another node" timeout 20 rm "$M/nodes/node3.example.com/images/web2.example.com.tar"
soon "it goes" eval '[ -z "$(ls -A "$(exports_of node3)")" ]'
check "stat and ls go on" timeout 10 ls -lR "$M/instances" "$M/images"
check "the removal hangs" removing
soon "the node is shown as unreachable" grep -q '^state: unreachable' "$N2/status"
check "the mount can be taken away" umount "$M"
check "it is away" eval '! mountpoint -q "$M"'
# What the server had begun to answer no signal ends: the kernel waits for that, and so the process.
continue_server node2
check_wait "the daemon ends well, at the latest when the server answers" "${daemons[$M]}"
unset "daemons[$M]"
mount_cluster manage
soon "nothing is on record any more" eval '[ -z "$(ls -A "$C/state/pending")" ]'
left=$(ls -A "$(served node2)")
check_match "the copy is there or not, and nothing else" "<$left>" '^<(web1.example.com)?>$'
[ -z "$left" ] || check "whole" same_directory web1 "$(served node2)/web1.example.com"
soon "no lock is held" eval '! grep -q ^lock: "$M/status"'

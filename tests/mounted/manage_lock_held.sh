#!/bin/bash
# -o manage: an export of the instance runs, here or through another mount: rm does not wait, the removal
# does.  If the lock cannot be had the name comes back, and status has the reason.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_instance web2
mount_cluster manage
other=$TMPDIR/mnt2
mount_cluster manage,lock_timeout=2 "$other"
N2=$M/nodes/node2.example.com
O2=$other/nodes/node2.example.com
touch_export web1 node2
touch_export web2 node2
wait_until 20 test -e "$O2/images/web2.example.com.tar"
shown() { [ -e "$1/images/web1.example.com.tar" ] && [ -e "$1/exports/web1.example.com" ]; }
add_gate
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
check "an export to another node has the lock" wait_until 20 gate_reached

check "rm through the other mount returns" timeout 20 rm "$O2/images/web1.example.com.tar"
soon "in time the name is back" shown "$O2"
check_match "the node's status says why" "$(cat "$O2/status")" '^removal: [0-9]+ error web1.example.com .*not free within 2 s'
check_match "the instance's, too" "$(cat "$other/instances/web1.example.com/status")" '^removal: [0-9]+ error .*not free'
check "the copy is whole" same_directory web1 "$(exports_of node2)/web1.example.com"
check "the image is there" grep -q '^node: node2' "$other/instances/web1.example.com/status"

check "rm -r through this one returns" timeout 20 rm -r "$N2/exports/web1.example.com"
check "it has gone at once" eval '! ls "$N2/exports" | grep web1 && ! ls "$N2/images" | grep web1'
check_match "the removal waits" "$(cat "$M/status")" '^job: [0-9]+ running web1.example.com from node2.example.com: waiting for locks'
check "the copy lies there still" same_directory web1 "$(exports_of node2)/web1.example.com"
check "one of another instance does not wait" rm "$N2/images/web2.example.com.tar"
soon "it goes" eval '[ ! -e "$(exports_of node2)/web2.example.com" ]'
open_gate
soon "all jobs end" idle
check_eq "the copy has gone" "$(ls -A "$(exports_of node2)")" ''
check "the new one is whole" same_directory web1 "$(exports_of node3)/web1.example.com"
check_no_match "nothing has failed" "$(cat "$M/nodes"/*/status)" '^removal:'

# A newer export to the same node takes the place of the one that was meant, and stays.
add_gate
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
check "an export to the same node has the lock" wait_until 20 gate_reached
check "rm" rm "$M/nodes/node3.example.com/images/web1.example.com.tar"
check_eq "it has gone" "$(ls "$M/nodes/node3.example.com/images")" ''
old=$(stat -c %i "$(exports_of node3)/web1.example.com")
open_gate
soon "all jobs have ended" idle
check "the new one is shown" test -e "$M/nodes/node3.example.com/images/web1.example.com.tar"
check "and whole" same_directory web1 "$(exports_of node3)/web1.example.com"
check "it is another" [ "$(stat -c %i "$(exports_of node3)/web1.example.com")" != "$old" ]
check_match "the log tells" "$(cat "$(inst web1)/log"; cat "$M/nodes/node3.example.com/status"; status_of web1)" 'removal: [0-9]+ success web1'
check_eq "three exports of web1" "$(grep -c web1 "$RUNS")" 3

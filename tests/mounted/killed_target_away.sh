#!/bin/bash
# timeout: 150
# What a dead export has left on a node that is away is not forgotten when the next export goes to
# another node, nor when that one dies as well: it is told, and put in order when the node is back.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
add_instance web1 --up --disk 3M:dense
mount_cluster shutdown
set_params web1 'long_sleep = True'
staged() { find "$(exports_of "$1")" -mindepth 1 -maxdepth 1 -name '.*'; }
touch_export web1 node1

hold_in fadvise64
touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
check "held in the copy to node2" wait_until 20 in_phase web1 copying
die
check "something is staged there" eval '[ -n "$(staged node2)" ]'
node_ini node2 'offline = True'
mount_cluster shutdown
soon "it runs again" is_running web1
soon "its status tells what is left" eval 'status_of web1 | grep "^recovery: .*node2.example.com: .*offline"'
check_match "so does the mount's" "$(cat "$M/status")" '^recovery: web1.example.com: .*node2.*offline'

change_disk web1
touch_export web1 node3
check_match "an export to another node works" "$(status_of web1)" '^job_state: success'
check_match "its log warns" "$(cat "$(inst web1)/log")" 'WARNING.*cut short'
check_match "what is left is still told" "$(status_of web1)" '^recovery: .*node2.*offline'
check "and is still there" eval '[ -n "$(staged node2)" ]'

hold_in renameat2
touch "$M/nodes/node1.example.com/images/web1.example.com.tar"
check "held before the publication on node1" wait_until 20 in_journal web1 publishing
die
node_ini node1 'offline = True'
sed -i 's/primary_node = node1/primary_node = node3/' "$C/instances/web1.example.com.ini"
mount_cluster shutdown
soon "now two are left" eval '[ "$(status_of web1 | grep -c "^recovery: .*offline")" = 2 ]'
node_ini node1 'offline = False'
soon "node1 is back: one" eval '[ "$(status_of web1 | grep -c "^recovery: ")" = 1 ]'
check_eq "nothing is staged there" "$(staged node1)" ''
node_ini node2 'offline = False'
soon "node2 is back: nothing is noted" eval '[ -z "$(noted)" ]'
check_eq "nothing is staged there either" "$(staged node2)" ''
check_no_match "nothing is told" "$(status_of web1; cat "$M/status")" '^recovery'
check_eq "the whole export is where it was" "$(cd "$C/nodes" && ls -d */export/web1.example.com)" node3.example.com/export/web1.example.com
check "with its checksums" eval '(cd "$(exports_of node3)/web1.example.com" && xxhsum -c --quiet XXH128SUMS)'

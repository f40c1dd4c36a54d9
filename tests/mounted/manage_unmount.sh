#!/bin/bash
# -o manage: an unmount lets removals end; one that waits for another mount's lock is given up, and its copy
# stays.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for k in 1 2 3 4 5 6 7 8 9; do add_instance web$k --disk 300K:dense; done
mount_cluster manage
N2=$M/nodes/node2.example.com
for k in 1 2 3 4 5 6 7 8 9; do touch "$N2/images/web$k.example.com.tar"; done
soon "exports are made" idle
check "rm of all" rm -r "$N2/exports/web1.example.com" "$N2/images"/web[2-9]*
unmount
check_eq "all have gone" "$(ls -A "$(exports_of node2)")" ''
check_eq "nothing is on record" "$(ls -A "$C/state/pending" 2>/dev/null)" ''

mount_cluster manage
touch_export web1 node2
other=$TMPDIR/mnt2
mount_cluster '' "$other"
add_gate
touch "$other/nodes/node3.example.com/images/web1.example.com.tar"
check "another mount has the lock" wait_until 20 gate_reached
check "rm" rm "$N2/images/web1.example.com.tar"
unmount
check "the copy is whole" same_directory web1 "$(exports_of node2)/web1.example.com"
check "the other mount shows it" test -e "$other/nodes/node2.example.com/images/web1.example.com.tar"
open_gate
soon "its export ends" eval '[ "$(grep -Ec "^jobs_(running|queued): 0$" "$other/status")" = 2 ]'
check_eq "and takes its place" "$(ls -A "$(exports_of node2)" && ls -A "$(exports_of node3)")" web1.example.com

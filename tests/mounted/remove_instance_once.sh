#!/bin/bash
# remove_instance is honoured once: also a run that failed has used it up.  A touch that the mount refuses
# has not, and removes nothing.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
set_params web1 'remove_instance = True' 'shutdown = True'
check_fails "without the mount's leave" 'not permitted' touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
check_match "it is still asked for" "$(cat "$(inst web1)/params")" '^remove_instance = True'
check_eq "nothing ran" "$(runs)" 0
unmount
mount_cluster allow_remove_instance,max_age=0,linger=0
add_hook node1 pre 60-veto 'exit 1'
touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
soon "a hook vetoes" eval 'status_of web1 | grep -q "^job_state: error"'
check_match "params have it no more" "$(grep remove_instance "$(inst web1)/params" | tail -n 1)" '^remove_instance = False'
check_match "the rest is as it was" "$(cat "$(inst web1)/params")" '^shutdown = True'
rm "$(node_dir node1)/hooks/instance-export-pre.d/60-veto"
touch_export web1 node2
check "the next touch exports" same_directory web1 "$(exports_of node2)/web1.example.com"
check "and leaves the instance" test -e "$(disk_of web1)" -a -e "$C/instances/web1.example.com.ini"
set_params web1 'remove_instance = True' 'shutdown = True'
disk=$(disk_of web1)
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
soon "asked for again it goes" eval '[ ! -e "$C/instances/web1.example.com.ini" ] && [ ! -e "$disk" ]'
check "its export is where it was to be" test -s "$(exports_of node3)/web1.example.com/config.ini"
soon "and nowhere else" eval '[ ! -e "$(exports_of node2)/web1.example.com" ]'

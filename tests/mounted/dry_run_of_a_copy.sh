#!/bin/bash
# dry_run = True: touch of nodes/N/images/NAME.tar, existing or new, checks and runs the pre hooks with that
# node as the target, and changes nothing; a reader gets an export all the same.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_hook node1 pre 10-target "echo \$GANETI_EXPORT_NODE >>$TMPDIR/targets"
mount_cluster max_age=0,linger=0
touch_export web1 node2
old=$(stat -c %i "$(exports_of node2)/web1.example.com")
set_params web1 'dry_run = True'
touch_export web1 node3
check_eq "a new one: the hooks know the node" "$(tail -n 1 "$TMPDIR/targets")" node3.example.com
check_eq "it is not there afterwards" "$(ls "$M/nodes/node3.example.com/images" && ls -A "$(exports_of node3)")" ''
check_match "the log says that it was a dry run" "$(cat "$(inst web1)/log")" 'dry-run'
touch_export web1 node2
check_eq "an existing one: so do they" "$(tail -n 1 "$TMPDIR/targets")" node2.example.com
check_eq "the copy is the old one" "$(stat -c %i "$(exports_of node2)/web1.example.com")" "$old"
check "whole" same_directory web1 "$(exports_of node2)/web1.example.com"
check_eq "the hooks ran each time" "$(runs)" 3
node_ini node3 'drained = True'
soon "a node that takes nothing" grep -q '^state: drained' "$M/nodes/node3.example.com/status"
check_fails "is refused as ever" 'busy' touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
change_disk web1
cat "$(tar_of web1)" >"$TMPDIR/web1.tar"
soon "a reader's run ends" idle
check "it was a real one" same_image web1 "$TMPDIR/web1.tar"
check_eq "and took the old one's place" "$(runs)" 4

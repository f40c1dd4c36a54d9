#!/bin/bash
# remove_instance: only with the mount's leave, only by touch, once; the disks and the instance go.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up
disk=$(disk_of web1)
cp "$disk" "$TMPDIR/disk"
mount_cluster allow_remove_instance,max_age=0,linger=0
set_params web1 'remove_instance = True' 'shutdown = False'
check_fails "an instance that is up needs shutdown" 'busy' touch "$(tar_of web1)"
check "still there" test -e "$disk" -a -e "$C/instances/web1.example.com.ini"
set_params web1 'remove_instance = True' 'shutdown = True' 'target_node = node2.example.com'
touch "$(tar_of web1)"
soon "the instance is gone from the cluster" eval "! test -e '$C/instances/web1.example.com.ini'"
soon "its disks too" eval "! test -e '$disk'"
check "it is not running" eval '! is_running web1'
soon "out of the tree" eval "! test -e '$(inst web1)'"
check "the export is there" cmp "$M/nodes/node2.example.com/exports/web1.example.com/disk0.raw" "$TMPDIR/disk"

add_instance web2
wait_until 20 test -e "$(inst web2)"
set_params web2 'remove_instance = True' 'shutdown = True'
check "a reader" cp "$(tar_of web2)" "$TMPDIR/web2.tar"
check "does not remove it" test -e "$C/instances/web2.example.com.ini"

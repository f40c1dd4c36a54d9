#!/bin/bash
# What params ask for is checked by touch before it returns: argument and prerequisite errors.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''

# refused WHAT ERROR LINE...
refused()
{
    local what=$1 error=$2
    shift 2
    check "$what: the file takes it" set_params web1 "$@"
    check_fails "$what" "$error" touch "$(tar_of web1)"
    check_match "$what: status has the error" "$(status_of web1)" '^error: *.+'
}

refused "unknown target" 'No such file' 'target_node = node9.example.com'
refused "long_sleep without shutdown" 'Invalid argument' 'long_sleep = True' 'shutdown = False'
refused "remote without a key name" 'Invalid argument' 'mode = remote' 'target_node = []'
refused "compression" 'Invalid argument' 'compress = gzip'
refused "zeroing" 'Invalid argument' 'zero_free_space = True' 'shutdown = True'
node_ini node2 'drained = True'
wait_until 20 grep -qi drained "$M/nodes/node2.example.com/status"
refused "drained target" 'busy' 'target_node = node2.example.com'
node_ini node2 'offline = True'
wait_until 20 grep -qi offline "$M/nodes/node2.example.com/status"
refused "offline target" 'Host is down' 'target_node = node2.example.com'
refused "removal that the mount does not allow" 'not permitted' 'remove_instance = True' 'shutdown = True'
check_eq "nothing ran" "$(runs)" 0
check "reset" truncate -s 0 "$(inst web1)/params"
check "then it works" touch "$(tar_of web1)"
soon "and runs" eval '[ "$(runs)" = 1 ]'

#!/bin/bash
# params: the opcode's, refused where they are set if Ganeti does not have them or they cannot be.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
mount_cluster
# with the errno of its close, which a redirection does not tell
put() { echo "$1" | python3 "$image_py" write "$(inst rest1)/params"; }
for line in 'shutdown = False' 'shutdown_timeout = 120' 'long_sleep = False' 'remove_instance = False' 'priority = 0'; do
    check_match "defaults: $line" "$(cat "$(inst rest1)/params")" "^#? ?$line"
done
check "they can be set" set_params rest1 'shutdown = True' 'shutdown_timeout = 33' "target_node = node4"
check_match "and read" "$(cat "$(inst rest1)/params")" '^shutdown_timeout = 33$'
for line in 'mode = remote' 'no_such = 1' 'shutdown = perhaps' 'shutdown_timeout = -1' 'zero_free_space = True'; do
    check_fails "refused: $line" 'EINVAL\|Invalid argument' put "$line"
done
check_match "what was set stays" "$(cat "$(inst rest1)/params")" '^shutdown_timeout = 33$'
before=$(njobs rest1)
set_params rest1 'target_node = node9'
check_fails "an unknown target node" 'No such file' touch "$(tar_of rest1)"
check_eq "is no job" "$(njobs rest1)" "$before"
check "no parameters are the defaults" set_params rest1 ''
check_no_match "again" "$(cat "$(inst rest1)/params")" '33|node9'

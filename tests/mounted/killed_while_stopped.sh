#!/bin/bash
# The daemon is killed while it has an instance stopped: the next mount starts it, and only it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 64M "$TMPDIR/ext4"
add_instance web1 --up --dir "$TMPDIR/ext4"
truncate -s 60G "$(disk_of web1)" # nothing but holes: seconds to hash, no room
add_instance db1
kill_mount()
{
    kill -9 "${daemons[$M]}"
    wait "${daemons[$M]}" 2>/dev/null || true
    unset "daemons[$M]"
    umount -l "$M"
}
die_while_stopped()
{
    mount_cluster max_age=0,linger=0
    set_params web1 'shutdown = True' 'long_sleep = True' 'target_node = node2.example.com'
    touch "$(tar_of web1)"
    wait_until 30 eval '! is_running web1'
    kill_mount
}

die_while_stopped
check_fails "it was stopped at that moment" '' is_running web1
check_eq "which is noted" "$(ls "$C/state/journal")" web1.example.com
mount_cluster ''
soon "it runs again after the next mount" is_running web1
check_fails "what was down stays so" '' is_running db1
soon "and nothing is noted any more" eval "! ls '$C/state/journal' | grep ."
unmount

die_while_stopped
check_eq "noted again" "$(ls "$C/state/journal")" web1.example.com
sed -i 's/^admin_state = up/admin_state = down/' "$C/instances/web1.example.com.ini"
mount_cluster ''
soon "put down meanwhile: nothing is noted any more" eval "! ls '$C/state/journal' | grep ."
check_fails "and it stays down" '' is_running web1

#!/bin/bash
# Hooks that kill their parent, the mount: by SIGTERM it ends in order, by SIGKILL whoever comes next
# puts in order what it left.
# timeout: 90
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up --disk 1M:dense
add_hook node1 pre 60-kill "kill -TERM \$PPID; sleep 1"
mount_cluster ''
set_params web1 'shutdown = True' 'long_sleep = True'
check_fails "the reader is told" . timeout 30 cat "$(tar_of web1)"
check_wait "SIGTERM: the mount ends well" "${daemons[$M]}"
unset "daemons[$M]"
check "it is unmounted" eval '! mountpoint -q "$M"'
check "the instance runs" is_running web1
check_eq "the journal is empty" "$(ls -A "$C/state/journal" 2>/dev/null)" ''

# the instance is stopped, and the copy begun, when post hooks run or the next pre hook is asked
rm "$(node_dir node1)/hooks/instance-export-pre.d/60-kill"
add_hook node1 post 60-kill "kill -KILL \$PPID; sleep 1"
mount_cluster ''
check_fails "a touch is taken, its reader is cut off" . eval 'touch "$(tar_of web1)" && wait_until 20 eval "! ls $M" && ls "$M"'
status=0
wait "${daemons[$M]}" || status=$?
unset "daemons[$M]"
check_eq "SIGKILL: the mount is dead" "$status" 137
umount -l "$M"
rm "$(node_dir node1)/hooks/instance-export-post.d/60-kill"
mount_cluster ''
soon "the next one has put all in order" eval '! ls -A "$C/state/journal" | grep .'
check "the instance runs" is_running web1
check "nothing staged" no_leftovers
check_no_match "no lock is held" "$(cat "$M/status")" '^lock:'
touch_export web1
check "exports work" eval 'cd "$C"/nodes/*/export/web1.example.com && xxhsum -c --quiet XXH128SUMS'

#!/bin/bash
# Unmounting while a run goes on: rolled back, the instance as it was found, nothing staged.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 64M "$TMPDIR/ext4"
add_instance web1 --up --dir "$TMPDIR/ext4" --disk 20M:dense
mount_cluster ''
set_params web1 'shutdown = True' 'long_sleep = True'
add_gate
touch "$(tar_of web1)"
check "a run waits at the gate" wait_until 20 gate_reached
unmount
check "it is running" is_running web1
check_eq "no export" "$(ls -d "$C"/nodes/*/export/web1* 2>/dev/null || true)" ''
check "no stage" no_leftovers
soon "no hook runs on" eval "! pgrep -f 50-gate"

# And killed outright, which nobody can answer at once: the next mount finishes what is to be done.
mount_cluster ''
rm "$TMPDIR/gate.reached"
touch "$(tar_of web1)"
check "a run waits at the gate" wait_until 20 gate_reached
kill -KILL "${daemons[$M]}"
wait "${daemons[$M]}" || true
unset "daemons[$M]"
umount -l "$M"
open_gate
mount_cluster ''
check "the locks of the dead are free" timeout 30 touch "$(tar_of web1)"
soon "the export works" eval "ls -d $C/nodes/*/export/web1.example.com"
wait_until 20 idle
soon "running" is_running web1
check "no stage" no_leftovers

#!/bin/bash
# Two mounts, one instance: the second waits for the first one's lock, at most lock_timeout.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_gate
other=$TMPDIR/mnt2
mount_cluster ''
mount_cluster lock_timeout=2 "$other"
touch "$(tar_of web1)"
check "the first holds the lock" wait_until 20 gate_reached
check_fails "a reader of the second gets ETIMEDOUT" 'timed out' timeout 30 cat "$other/images/web1.example.com.tar"
check_match "its status says who is in the way" "$(cat "$other/instances/web1.example.com/status")" '^error: .*lock'
kill -KILL "${daemons[$M]}"
wait "${daemons[$M]}" || true
unset "daemons[$M]"
umount -l "$M"
open_gate
check "a holder that was killed is no obstacle" touch "$other/images/web1.example.com.tar"
soon "the export is made" eval "ls -d $C/nodes/*/export/web1.example.com"

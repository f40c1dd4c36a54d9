#!/bin/bash
# timeout: 90
# Two mounts of one cluster share max_jobs and reserved space; one that is killed gives its up.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for i in 1 2 3 4 5 6; do add_instance web$i --disk 1M:dense; done
# how many runs are in the hook at once, at most
add_hook node1 pre 50-count "mkdir $TMPDIR/in.\$\$; ls -d $TMPDIR/in.* | wc -l >>$TMPDIR/most
sleep 0.3; rmdir $TMPDIR/in.\$\$"
other=$TMPDIR/mnt2
mount_cluster max_jobs=1
mount_cluster max_jobs=1 "$other"
touch "$M"/images/web[1-3].example.com.tar
touch "$other"/images/web[4-6].example.com.tar
check_match "a mount knows of the other's jobs" "$(cat "$M/status")" '^jobs_of_other_mounts: [0-9]+ running, [0-9]+ queued'
others_idle() { [ "$(grep -Ec '^jobs_(running|queued): 0$' "$other/status")" = 2 ]; }
soon "all are done" eval 'idle && others_idle'
check_eq "every one, once" "$(sort "$RUNS" | uniq | wc -l)" 6
check_eq "one at a time" "$(sort -n "$TMPDIR/most" | tail -1)" 1

add_gate
touch "$other/images/web4.example.com.tar"
check "the other mount has the slot" wait_until 20 gate_reached
check_match "its node's status tells what it has reserved, here too" "$(cat "$M"/nodes/*/status)" '^reserved: [1-9]'
touch "$(tar_of web1)"
sleep 1
check_match "a job of ours waits" "$(status_of web1)" '^job_state: queued'
kill -9 "${daemons[$other]}"
wait "${daemons[$other]}" 2>/dev/null || true
unset "daemons[$other]"
umount -l "$other"
open_gate
soon "the slot of a killed mount is free" idle
check_match "ours is done" "$(status_of web1)" '^job_state: success'
check_no_match "nothing is reserved" "$(cat "$M"/nodes/*/status)" '^reserved: [1-9]'

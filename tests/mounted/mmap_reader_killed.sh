#!/bin/bash
# A page fault cannot be interrupted and names no owner: when who waits in one is killed, the export
# is cancelled all the same.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 3M:dense
add_gate
mount_cluster ''
python3 -c '
import mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
print(mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ)[100])
' "$(inst web1)/export/disk0.raw" >"$TMPDIR/byte" & waiter=$!
check "the run waits at the gate" wait_until 20 gate_reached
sleep 2.5 # while it lives it is waited for
check_match "somebody reads" "$(status_of web1)" 'readers: 1'
kill -KILL $waiter
wait $waiter || true
soon "the run is over" idle
check_match "status tells" "$(status_of web1)" 'job_state: canceled'
check "no stage" no_leftovers

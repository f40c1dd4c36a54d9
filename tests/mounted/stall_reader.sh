#!/bin/bash
# timeout: 90
# -o stall: who reads an export that makes no progress gets ETIMEDOUT; while it makes some, however
# slowly, it waits.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
add_instance stalled --disk 40M:dense
add_instance slow --disk 8M:dense
mount_cluster stall=4,linger=0
hold_copy_of stalled
check_fails "no progress: timed out" 'timed out' timeout 40 cp "$(inst stalled)/export/disk0.raw" /dev/null
release
soon "the run is over" idle
check_match "nobody waits, so it is cancelled" "$(status_of stalled)" '^job_state: canceled'
check "nothing staged" no_leftovers

hold_at=$(disk_of slow) hold_in pread64 enter 400000 # some of these are more than the limit
check "slow progress: it is waited for" cp "$(inst slow)/export/disk0.raw" "$TMPDIR/disk0"
release
check "right to the byte" cmp "$TMPDIR/disk0" "$(disk_of slow)"

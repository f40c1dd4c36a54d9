#!/bin/bash
# All readers of one instance join one run and read the same bytes.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 9M:dense --disk 2M
add_gate
mount_cluster ''
for i in 1 2 3; do cp "$(tar_of web1)" "$TMPDIR/$i.tar" & done
cp "$(inst web1)/export/disk1.raw" "$TMPDIR/disk1" &
dd if="$(inst web1)/export/disk0.raw" of="$TMPDIR/disk0" bs=1M iflag=direct status=none &
check "a run waits at the gate" wait_until 20 gate_reached
check "the tree answers meanwhile" timeout 5 ls -lR "$M"
open_gate
for job in $(jobs -p | grep -v "^${daemons[$M]}$"); do check_wait "reader $job" "$job"; done
check_eq "one run" "$(runs)" 1
check "right to the byte" same_image web1 "$TMPDIR/1.tar"
check "the second got the same" cmp "$TMPDIR/1.tar" "$TMPDIR/2.tar"
check "the third got the same" cmp "$TMPDIR/1.tar" "$TMPDIR/3.tar"
check "the disks too" cmp "$TMPDIR/disk0" "$(disk_of web1 0)"
check "both" cmp "$TMPDIR/disk1" "$(disk_of web1 1)"

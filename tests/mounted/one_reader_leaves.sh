#!/bin/bash
# A reader that leaves does not end the run of another; a stopped and continued one goes on reading.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 5M:dense
add_gate
mount_cluster ''
cat "$(tar_of web1)" >/dev/null & leaves=$!
cp "$(tar_of web1)" "$TMPDIR/web1.tar" & stays=$!
check "the run waits at the gate" wait_until 20 gate_reached
sleep 0.5
kill -TERM $leaves
kill -STOP $stays
sleep 0.5
kill -CONT $stays
open_gate
check_wait "the other one gets its image" $stays
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
check_eq "one run" "$(runs)" 1

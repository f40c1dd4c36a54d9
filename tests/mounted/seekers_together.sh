#!/bin/bash
# timeout: 60
# The kernel lets one seek of a file through at a time, and who waits for the others cannot be
# killed: all of them together wait two seconds for the map of a run that is held, not two each.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 4M:hole-middle
add_gate
mount_cluster ''
file=$(inst web1)/export/disk0.raw
seek() { python3 -c '
import os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY)
begin = time.monotonic()
os.lseek(fd, 0, os.SEEK_HOLE)
print(time.monotonic() - begin, flush=True)
os.pread(fd, 1, 4000000)' "$file"; }
seekers=()
for i in 1 2 3 4 5 6 7 8 9 10; do seek >"$TMPDIR/waited.$i" & seekers+=($!); done
check "a seek starts the run" wait_until 20 gate_reached
sleep 3
check_eq "all have their answer, and none has the map" "$(cat "$TMPDIR"/waited.* | wc -l)" 10
check_no_match "they wait for bytes now, where they can be interrupted" \
    "$(ps -o stat= -p "$(IFS=,; echo "${seekers[*]}")")" '^[^S]'
kill -TERM "${seekers[0]}"
if wait "${seekers[0]}"; then fail "one is interrupted"; else pass "one is interrupted"; fi
open_gate
for i in 1 2 3 4 5 6 7 8 9; do check_wait "another one has its byte" "${seekers[$i]}"; done

#!/bin/bash
# A disk that grows while its export is queued: whoever saw the old size gets an error, never other
# bytes; the next stat looks changed, and what it says can be read.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 3M:dense
add_instance web2 --disk 3M:dense
add_gate
mount_cluster max_jobs=1
cat "$(tar_of web1)" >/dev/null & first=$!
check "an export runs" wait_until 20 gate_reached
before=$(stat -c '%s %Y' "$(tar_of web2)")
cat "$(tar_of web2)" >/dev/null 2>"$TMPDIR/seen" & second=$!
check "another one is queued" wait_until 20 grep -q 'job_state: queued' "$(inst web2)/status"
truncate -s 5M "$(disk_of web2)"
touch "$C/instances/web2.example.com.ini"
looks_changed() { [ "$(stat -c %s "$(tar_of web2)")" -gt "${before% *}" ]; }
soon "the new size shows" looks_changed
after=$(stat -c '%s %Y' "$(tar_of web2)")
check "with another time" test "${after#* }" -gt "${before#* }"
open_gate
check_wait "the first one gets its image" $first
if wait $second; then fail "the reader of the old size gets an error"; fi
check_match "which is EIO" "$(cat "$TMPDIR/seen")" 'input/output error'
check "the image can be read" timeout 30 cp "$(tar_of web2)" "$TMPDIR/web2.tar"
check "it is right to the byte" same_image web2 "$TMPDIR/web2.tar"
check_eq "under the time and size that were shown" "$(stat -c '%s %Y' "$(tar_of web2)")" "$after"

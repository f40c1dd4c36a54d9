#!/bin/bash
# timeout: 90
# DESIGN §3: what a reader has of an image is of one export.  A run that is cancelled after somebody
# had bytes of it, or learned of its holes, takes its T with it; one of which nobody had anything
# leaves its T to the next.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 200M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
for name in bytes holes config nothing; do add_instance $name --disk 24M:dense; done
mount_cluster target_node=node2.example.com,linger=0,max_jobs=4
stamp() { stat -c '%Y %Z' "$(inst "$1")/export/disk0.raw"; }
canceled() { status_of "$1" | grep -q '^job_state: canceled'; }
copies() { status_of "$1" | grep -q '^phase: copying'; }

declare -A before
for name in bytes holes config nothing; do before[$name]=$(stamp $name); done
hold_at=$(for name in bytes holes config nothing; do disk_of $name; done)
hold_in pread64 enter '' 41+ # after ten MiB of each
head -c 100000 "$(inst bytes)/export/disk0.raw" >/dev/null
python3 -c '
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
print(os.lseek(fd, 0, os.SEEK_DATA), os.lseek(fd, 0, os.SEEK_HOLE))' "$(inst holes)/export/disk0.raw"
cat "$(inst config)/export/config.ini" >/dev/null
dd if="$(inst nothing)/export/disk0.raw" bs=1 skip=$((24000000)) count=1 status=none & reader=$!
soon "nothing: the run copies" copies nothing
kill -KILL $reader
wait $reader || true
soon "nothing: the reader is gone" eval '! status_of nothing | grep -q "^readers: [1-9]"'
release
for name in bytes holes config nothing; do soon "$name: cancelled" canceled $name; done
soon "nothing runs" idle
for name in bytes holes config; do
    check "$name: the next export has another T" [ "$(stamp $name)" != "${before[$name]}" ]
done
check_eq "nothing: T stands" "$(stamp nothing)" "${before[nothing]}"

for name in bytes holes config; do before[$name]=$(stamp $name); done
unmount
mount_cluster target_node=node2.example.com
for name in bytes holes config nothing; do
    check_eq "$name: a new mount says the same" "$(stamp $name)" "${before[$name]}"
    cp "$(tar_of $name)" "$TMPDIR/$name.tar"
    check "$name: the next export is right" same_image $name "$TMPDIR/$name.tar"
    check_eq "$name: and has the T that was promised" "$(stamp $name)" "${before[$name]}"
done

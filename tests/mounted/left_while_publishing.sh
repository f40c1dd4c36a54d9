#!/bin/bash
# timeout: 60
# The last reader leaves when his export is being exchanged for the one before, or a clone is hashed:
# too late to stop it.  It is published, whole, under the T that he saw, and stays fresh.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export" # clones
add_instance web1 --up --dir "$TMPDIR/xfs" --disk 300000:dense --disk 5000:dense
mount_cluster target_node=node2.example.com,linger=0
file=$(inst web1)/export/disk0.raw
for stage in renameat2:publishing fadvise64:hashing; do
    phase=${stage#*:}
    stamp=$(stat -c '%Y %s %i' "$file")
    before=$(runs)
    hold_in "${stage%:*}"
    python3 -c '
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.pread(fd, 1000, 0)
sys.stdin.read()' "$file" < <(exec sleep 1000) & reader=$!
    soon "$phase: the run is there" eval 'status_of web1 | grep -q "^phase: '$phase'"'
    soon "$phase: with its reader" eval 'status_of web1 | grep -q "^readers: 1"'
    kill -KILL $reader
    wait $reader || true
    soon "$phase: who leaves" eval 'status_of web1 | grep -q "^readers: 0"'
    check_eq "$phase: stat says the same" "$(stat -c '%Y %s %i' "$file")" "$stamp"
    release
    soon "$phase: the run is over" idle
    check_match "$phase: it ended well" "$(status_of web1)" '^job_state: success'
    check "$phase: it is whole" eval 'cd "$TMPDIR/xfs/export/web1.example.com" && xxhsum -c --quiet XXH128SUMS'
    check_eq "$phase: under the T that was shown" "$(stat -c '%Y %s %i' "$file")" "$stamp"
    check "$phase: the next reader has it" cmp "$file" "$(disk_of web1)"
    check_eq "$phase: one run" $(($(runs) - before)) 1
    touch -d '2 hours ago' "$TMPDIR/xfs/export/web1.example.com"
    soon "$phase: then it grows old" eval '[ "$(stat -c "%Y %s %i" "$file")" != "$stamp" ]'
done

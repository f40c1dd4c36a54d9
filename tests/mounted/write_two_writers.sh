#!/bin/bash
# Two write the same name at once: each has a file of his own, both are whole, one of them stays.  A
# writer that is killed, and one that unlinks what it writes, leave nothing.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 3M:dense
mount_cluster ''
pull web1
cp "$TMPDIR/web1.tar" "$TMPDIR/first.tar"
change_disk web1
touch_export web1 node2
cp "$(node_tar web1 2)" "$TMPDIR/web1.tar"
at=$(node_tar web1 3)
slowly() { exec python3 - "$1" "$2" <<'PY'
import sys, time
with open(sys.argv[1], "rb") as src, open(sys.argv[2], "wb", buffering=0) as dst:
    while chunk := src.read(100000):
        dst.write(chunk)
        time.sleep(0.02)
PY
}
for round in new existing; do
    slowly "$TMPDIR/first.tar" "$at" & one=$!
    # (who opens a new name in the same moment may be refused: write_same_moment.sh)
    soon "$round name: one has begun" grep -q '^upload: .*: [1-9][0-9]* bytes' "$M/nodes/node3.example.com/status"
    slowly "$TMPDIR/web1.tar" "$at" & two=$!
    check_wait "$round name: one writes" $one
    check_wait "$round name: the other writes" $two
    soon "$round name: no run is left" idle
    check "$round name: one of the two is there, whole" eval 'cmp "$TMPDIR/first.tar" "$at" || cmp "$TMPDIR/web1.tar" "$at"'
    check_eq "$round name: and there alone" "$(ls -d "$C"/nodes/*/export/web1.example.com)" "$(exports_of node3)/web1.example.com"
done
cp "$at" "$TMPDIR/web1.tar"
# a reader of what is replaced goes on
exec 7<"$at"
check "written over by a third" cp "$TMPDIR/first.tar" "$at"
check "who has the old one open reads it to its end" cmp "$TMPDIR/web1.tar" - <&7
exec 7<&-
cp "$at" "$TMPDIR/web1.tar"

other=$(node_tar web1 1)
slowly "$TMPDIR/first.tar" "$other" & writer=$!
soon "a writer is under way" grep -q '^upload: ' "$M/nodes/node1.example.com/status"
kill -9 $writer
wait $writer || true
soon "killed: what it wrote is incomplete" grep -Eq '^upload: .* bytes, .*(end|complete|truncated|missing|short)' "$M/nodes/node1.example.com/status"
check "and may be removed" rm "$other"
soon "nothing is staged" nothing_staged
check "unlinked while it is written, the writer does not notice" python3 - "$TMPDIR/first.tar" "$other" <<'PY'
import os, sys
data = open(sys.argv[1], "rb").read()
fd = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
os.write(fd, data[:1000000])
os.unlink(sys.argv[2])
os.write(fd, data[1000000:1500000])
assert os.pread(fd, 1500000, 0) == data[:1500000]
try:
    os.close(fd)
except OSError as e:
    assert e.errno == 74, e
PY
soon "nothing is staged, again" nothing_staged
check "the export stays" cmp "$TMPDIR/web1.tar" "$at"

#!/bin/bash
# timeout: 180
# A node is killed (its init) in the middle of reads, and brought back: whoever was reading gets an
# error or the right bytes, the mount lives, and the export can be read again.
. "$(dirname "$0")/../lib/ganeti.sh"
need big1
need_export big1 4
mount_cluster max_age=100000,stall=60
check "the nodes are seen" wait_until 30 seen 1 2 3 4
dump=$(echo "$(node_export big1 4)"/*-*)
# slow FILE OUT: reads a MiB, and all the rest when $TMPDIR/go is there
slow()
{
    python3 -c '
import os, sys, time
with open(sys.argv[1], "rb", buffering=0) as f, open(sys.argv[2], "wb") as out:
    out.write(f.read(1 << 20))
    open(sys.argv[2] + ".begun", "w").close()
    while not os.path.exists(sys.argv[3]):
        time.sleep(0.1)
    while data := f.read(1 << 20):
        out.write(data)' "$1" "$2" "$TMPDIR/go"
}
slow "$dump" "$TMPDIR/a" 2>"$TMPDIR/a.said" & first=$!
slow "$(inst big1)/export/disk0.raw" "$TMPDIR/b" 2>"$TMPDIR/b.said" & second=$!
check "two readers have begun" wait_until 30 test -e "$TMPDIR/a.begun" -a -e "$TMPDIR/b.begun"
power_off 4
check "the node is killed" wait_until 20 eval '! is_ready 4'
: >"$TMPDIR/go"
sleep 2
check "ls does not wait" timeout 5 ls -lR "$M/instances"
check "it shows as unreachable" wait_until 60 node_is 4 unreachable
power_on 4
for reader in "$first a" "$second b"; do
    status=0
    wait "${reader% *}" || status=$?
    if [ $status = 0 ]; then
        check "reader ${reader#* } went on: right to the bit" same_disk big1 0 "$TMPDIR/${reader#* }"
    else
        check_match "reader ${reader#* } got an error" "$(cat "$TMPDIR/${reader#* }.said")" 'Errno (5|110|113|112)\]'
        check "no wrong byte before it" cmp -n "$(stat -c %s "$TMPDIR/${reader#* }")" "$TMPDIR/${reader#* }" <(disk_content big1 0)
    fi
done
check "the node comes back" wait_until 90 seen 4
check "its exports are right" same_disk big1 0 "$dump"
check "the image, too" same_disk big1 0 "$(inst big1)/export/disk0.raw"

#!/bin/bash
# Readers of yesterday's export read it to the end while today's replaces it, in every way that a
# file can be open; the disk space comes back when the last one closes, and not before.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 200M "$(node_dir node2)"
mkdir "$(exports_of node2)"
add_instance web1 --disk 40M:dense --disk 1M:dense
mount_cluster target_node=node2.example.com
touch_export web1
cp "$(disk_of web1)" "$TMPDIR/yesterday.raw"
cat "$(tar_of web1)" >"$TMPDIR/yesterday.tar"
free() { echo $(($(stat -f -c '%a * %S' "$(exports_of node2)") >> 20)); }
one=$(free)
exec 3<"$(tar_of web1)" 4<"$(inst web1)/export/disk0.raw" \
    5<"$M/nodes/node2.example.com/exports/web1.example.com/disk0.raw" \
    6<"$M/nodes/node2.example.com/images/web1.example.com.tar"
head -c 1000000 <&3 >"$TMPDIR/3"
python3 - "$(inst web1)/export/disk0.raw" "$TMPDIR/mapped" "$TMPDIR/go" <<'PY' & mapper=$!
import mmap, os, sys, time
with open(sys.argv[1], "rb") as f:
    m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
m[0]
open(sys.argv[2], "w").close()
while not os.path.exists(sys.argv[3]):
    time.sleep(0.1)
open(sys.argv[2], "wb").write(m[:])
PY
check "a mapping is there" wait_until 20 test -e "$TMPDIR/mapped"
head -c 10M /dev/urandom | dd of="$(disk_of web1)" conv=notrunc status=none
touch_export web1
check "today's is another" eval "! cmp -s '$(exports_of node2)/web1.example.com/disk0.raw' '$TMPDIR/yesterday.raw'"
check "yesterday's still takes its room ($(free) of $one MiB free)" test "$(free)" -lt $((one - 30))
echo 1 >/proc/sys/vm/drop_caches
cat <&3 >>"$TMPDIR/3"
check "half a tar read before, half after" cmp "$TMPDIR/3" "$TMPDIR/yesterday.tar"
cat <&4 >"$TMPDIR/4"
check "a disk" cmp "$TMPDIR/4" "$TMPDIR/yesterday.raw"
cat <&5 >"$TMPDIR/5"
check "a disk as it lies on the node" cmp "$TMPDIR/5" "$TMPDIR/yesterday.raw"
cat <&6 >"$TMPDIR/6"
check "a tar of the node's" cmp "$TMPDIR/6" "$TMPDIR/yesterday.tar"
: >"$TMPDIR/go"
check_wait "a mapping" $mapper
check "has yesterday's bytes" cmp "$TMPDIR/mapped" "$TMPDIR/yesterday.raw"
cat "$(tar_of web1)" >"$TMPDIR/today.tar"
check "who opens now gets today's" same_image web1 "$TMPDIR/today.tar"
exec 3<&- 4<&- 5<&- 6<&-
soon "the room is free again" eval '[ "$(free)" -ge $((one - 2)) ]'
soon "the node's status knows" eval '[ $(($(sed -n "s/^free: //p" "$M/nodes/node2.example.com/status") >> 20)) -ge $((one - 2)) ]'

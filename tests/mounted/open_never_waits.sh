#!/bin/bash
# timeout: 90
# Who opens an image never waits for those who read it: not for a mapping's page that the copy has
# not come to, nor for checksums that are being made.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 200M "$TMPDIR/ext4"
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR"/{ext4,xfs}/export
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
node_ini node3 "export_dir = $TMPDIR/xfs/export"  # clones
add_instance web1 --up --dir "$TMPDIR/xfs" --disk 24M:dense
mount_cluster ''
disk=$(inst web1)/export/disk0.raw
sums=$(inst web1)/export/XXH128SUMS

# map FILE OFFSET: a byte of a private mapping, in the background
map()
{
    python3 -c '
import mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
print(mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ)[int(sys.argv[2])])
' "$@" >"$TMPDIR/byte" & mapper=$!
}
opens() { timeout -s KILL 10 python3 -c 'import os, sys; os.close(os.open(sys.argv[1], os.O_RDONLY))' "$1"; }
in_fault() { ps -o stat= -p $mapper | grep -q D; }

hold_in pwrite64 enter '' 17+
touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
soon "the copy is held" eval '[ "$(status_of web1 | sed -n "s/^done: //p")" -gt 4000000 ]'
map "$disk" $((23 << 20))
soon "a mapping waits for a page above it" in_fault
for i in 1 2 3; do check "opened meanwhile ($i)" opens "$disk"; done
check "what is there is read meanwhile" timeout -s KILL 10 cmp -n 2000000 "$disk" "$(disk_of web1)"
check "the mapping still waits" kill -0 $mapper
release
check_wait "the mapping has its page" $mapper
soon "the run is over" idle

hold_in fadvise64
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
soon "the hashing is held" eval 'status_of web1 | grep -q "^phase: hashing"'
map "$sums" 10
soon "a mapping waits for checksums" in_fault
for i in 1 2 3; do check "opened meanwhile ($i)" opens "$sums"; done
cat "$sums" >"$TMPDIR/sums" & reader=$!
sleep 0.5
kill -INT $reader || true
cat "$(tar_of web1)" >"$TMPDIR/tar" & tar=$!
timeout -s KILL 20 cp "$disk" "$TMPDIR/disk0"
check "the disk is read meanwhile" cmp "$TMPDIR/disk0" "$(disk_of web1)"
release
check_wait "the mapping has its checksum" $mapper
check_wait "the tar has its end" $tar
check "it is right" same_image web1 "$TMPDIR/tar"
soon "the run is over" idle

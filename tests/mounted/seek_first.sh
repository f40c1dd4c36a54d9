#!/bin/bash
# DESIGN §3: a seek starts the export and waits for the map of what is exported, so that a first pull
# keeps the holes; if there is no map within two seconds the answer is "data to the end".
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs xfs 700M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
for i in 1 2 3 4; do
    add_instance live$i --up --dir "$TMPDIR/xfs" --disk 40M:hole-middle
    add_instance rest$i --disk 40M:hole-middle
done
add_instance hole --no-disks
sed -i "s#^disk_count.*#disk_count = 1\ndisk0_path = $C/disks/hole#" "$C/instances/hole.example.com.ini"
truncate -s 40M "$C/disks/hole"
mount_cluster target_node=node2.example.com
used() { echo $(($(stat -c %b "$1") / 2)); } # KiB
# sparse WHAT FILE DISK: bit-identical, and not more blocks than the disk has, by much
sparse()
{
    check "$1: right to the byte" cmp "$2" "$3"
    check "$1: the holes are kept ($(used "$2") of $(used "$3") KiB)" test $(($(used "$2") * 10)) -le $(($(used "$3") * 11 + 640))
}
for name in live rest; do
    cp --sparse=auto "$(inst ${name}1)/export/disk0.raw" "$TMPDIR/$name.cp"
    sparse "cp, $name" "$TMPDIR/$name.cp" "$(disk_of ${name}1)"
    tar -C "$(inst ${name}2)" -Scf "$TMPDIR/$name.tar" export 2>"$TMPDIR/tar.err"
    check_eq "GNU tar -S, $name: no warning" "$(cat "$TMPDIR/tar.err")" ''
    mkdir "$TMPDIR/$name.x"
    tar -C "$TMPDIR/$name.x" -xf "$TMPDIR/$name.tar"
    sparse "GNU tar -S, $name" "$TMPDIR/$name.x/export/disk0.raw" "$(disk_of ${name}2)"
    bsdtar -C "$(inst ${name}3)" --read-sparse -cf "$TMPDIR/$name.bsd" export
    rm -r "$TMPDIR/$name.x/export"
    bsdtar -C "$TMPDIR/$name.x" -xf "$TMPDIR/$name.bsd"
    check "bsdtar, $name: right to the byte" cmp "$TMPDIR/$name.x/export/disk0.raw" "$(disk_of ${name}3)"
    # the tar is read by a seek in it first
    check_eq "a hole within the tar, $name" "$(python3 - "$(tar_of ${name}4)" "$(disk_of ${name}4)" <<'PY'
import os, sys
tar, disk = (os.open(p, os.O_RDONLY) for p in sys.argv[1:])
def holes(fd, at, end):
    found = []
    while at < end:
        hole = os.lseek(fd, at, os.SEEK_HOLE)
        if hole >= end:
            break
        try:
            at = os.lseek(fd, hole, os.SEEK_DATA)
        except OSError:
            at = end
        if at - hole > 1 << 20:
            found.append(at - hole)
    return found
want = holes(disk, 0, os.fstat(disk).st_size)
seen = holes(tar, 0, os.fstat(tar).st_size)
print("same" if want and [h >> 16 for h in seen] == [h >> 16 for h in want] else (seen, want))
PY
)" same
done
cp --sparse=auto "$(inst hole)/export/disk0.raw" "$TMPDIR/hole"
check "a disk that is one hole" cmp "$TMPDIR/hole" "$C/disks/hole"
check_eq "stays one" "$(used "$TMPDIR/hole")" 0

add_instance held --disk 4M:hole-middle
add_gate
soon "the new instance shows" test -e "$(tar_of held)"
python3 - "$(inst held)/export/disk0.raw" "$TMPDIR/answer" <<'PY' & seeker=$!
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
at = os.lseek(fd, 4096, os.SEEK_HOLE)
print(at == os.fstat(fd).st_size and os.lseek(fd, 8192, os.SEEK_DATA) == 8192, file=open(sys.argv[2], "w"))
PY
check "a seek starts the run" wait_until 20 gate_reached
check_wait "it does not wait for the end of a run that is held" $seeker
check_eq "data to the end" "$(cat "$TMPDIR/answer")" True
open_gate
soon "the run is over" idle

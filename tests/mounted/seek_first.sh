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
mount_cluster target_node=node2.example.com,max_age=0,linger=5
used() { echo $(($(stat -c %b "$1") / 2)); } # KiB
# not more blocks than the disk has, by much
sparse() { [ $(($(used "$1") * 10)) -le $(($(used "$2") * 11 + 640)) ]; }

# first_pull WHAT TOOL NAME: TOOL makes $out of NAME's export, sparse.  The run may rightly take
# longer than a seek waits, but not each time.
first_pull()
{
    local try out=$TMPDIR/$2.$3 disk
    disk=$(disk_of "$3")
    for try in 1 2 3 4 5; do
        "$2" "$3"
        cmp "$out" "$disk" || break
        if sparse "$out" "$disk"; then
            pass "$1, $3: right to the byte, the holes are kept (try $try)"
            return
        fi
        wait_until 20 idle
        change_disk "$3"
        sleep 6 # longer than linger
    done
    fail "$1, $3: right to the byte, the holes are kept" "$(used "$out") of $(used "$disk") KiB"
}
by_cp() { cp --sparse=auto "$(inst "$1")/export/disk0.raw" "$out"; }
unpacked() # TOOL
{
    rm -rf "$TMPDIR/x"
    mkdir "$TMPDIR/x"
    "$1" -C "$TMPDIR/x" -xf "$out.tar"
    mv "$TMPDIR/x/export/disk0.raw" "$out"
}
by_gnu_tar()
{
    tar -C "$(inst "$1")" -Scf "$out.tar" export 2>"$TMPDIR/tar.err"
    check_eq "GNU tar -S, $1: no warning" "$(cat "$TMPDIR/tar.err")" ''
    unpacked tar
}
# the tar is read by a seek in it first
holes_of_tar()
{
    python3 - "$(tar_of "$1")" "$(disk_of "$1")" <<'PY'
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
}
same_holes()
{
    local try seen
    for try in 1 2 3 4 5; do
        seen=$(holes_of_tar "$1")
        [ "$seen" != same ] || break
        wait_until 20 idle
        change_disk "$1"
        sleep 6
    done
    check_eq "holes within the tar, $1 (try $try)" "$seen" same
}
for name in live rest; do
    first_pull cp by_cp ${name}1
    first_pull "GNU tar -S" by_gnu_tar ${name}2
    out=$TMPDIR/bsd
    bsdtar -C "$(inst ${name}3)" --read-sparse -cf "$out.tar" export
    unpacked bsdtar
    check "bsdtar, $name: right to the byte" cmp "$out" "$(disk_of ${name}3)"
    same_holes ${name}4
done
first_pull "a disk that is one hole" by_cp hole

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

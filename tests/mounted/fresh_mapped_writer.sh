#!/bin/bash
# timeout: 60
# Freshness (c) and writers that map the disk: a page that was dirty before the export is written to
# after it.  That must show, though it moves no time by itself.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 100M "$TMPDIR/ext4"
make_fs xfs 400M "$TMPDIR/xfs"
for fs in ext4 xfs; do add_instance $fs --dir "$TMPDIR/$fs" --disk 3M:dense; done
map() { python3 -c '
import mmap, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
m = mmap.mmap(fd, 0)
m[8192:8196] = b"AAAA"
open(sys.argv[2] + ".dirty", "w").close()
while not os.path.exists(sys.argv[2] + ".go"):
    time.sleep(0.05)
m[8192:8196] = b"BBBB"
open(sys.argv[2] + ".done", "w").close()
time.sleep(60)' "$(disk_of $1)" "$TMPDIR/$1" & }
for fs in ext4 xfs; do map $fs; done
soon "pages are dirty" test -e "$TMPDIR/ext4.dirty" -a -e "$TMPDIR/xfs.dirty"
sleep 3 # what changed just before it was exported proves nothing
mount_cluster max_age=3600,linger=0
for fs in ext4 xfs; do
    cat "$(tar_of $fs)" >/dev/null
    soon "$fs: the run is over" idle
done
touch -d '2 hours ago' "$C"/nodes/*/export/*
for fs in ext4 xfs; do
    soon "$fs: at rest, so its export is fresh" eval 'status_of $fs | grep -q "^fresh_for: the instance is at rest"'
    : >"$TMPDIR/$fs.go"
    soon "$fs: written to" test -e "$TMPDIR/$fs.done"
    cp "$(inst $fs)/export/disk0.raw" "$TMPDIR/$fs.raw"
    check "$fs: the disk as it is" cmp "$TMPDIR/$fs.raw" "$(disk_of $fs)"
done
check_eq "each exported twice" "$(sort "$RUNS" | uniq -c | tr -s ' ')" " 2 ext4.example.com
 2 xfs.example.com"

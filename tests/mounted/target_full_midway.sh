#!/bin/bash
# The target fills up in the middle of the copy: ENOSPC, the old export intact, no stage left.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 700M "$(exports_of node2)"
add_instance web1 --disk 4M:dense
mount_cluster max_age=0,linger=0
touch_export web1 node2
cp -r "$(exports_of node2)/web1.example.com" "$TMPDIR/old"
make_disk "$(disk_of web1)" 500M:dense big
wait_until 20 eval '[ "$(stat -c %s "$(inst web1)/export/disk0.raw")" = 524288000 ]'
python3 - "$(exports_of node2)" <<'END' &
import os, sys, time
top = sys.argv[1]
def staged():
    for at, _, files in os.walk(top):
        for f in files:
            path = os.path.join(at, f)
            if f == "disk0.raw" and "/." in path and os.stat(path).st_blocks > 20000:
                return True
end = time.time() + 40
while not staged() and time.time() < end:
    time.sleep(0.002)
s = os.statvfs(top)
fd = os.open(top + "/filler", os.O_CREAT | os.O_WRONLY)
os.posix_fallocate(fd, 0, s.f_bavail * s.f_bsize - 4 * 1024 * 1024)
END
eater=$!
status=0
change_disk web1
seen=$(timeout 50 cat "$(tar_of web1)" 2>&1 >/dev/null) || status=$?
wait $eater || true
[ "$status" != 0 ] || skip "the copy was too quick to be disturbed"
check_match "the reader gets ENOSPC" "$seen" 'No space left'
check "the old export is intact" diff -r "$TMPDIR/old" "$(exports_of node2)/web1.example.com"
soon "nothing staged" no_leftovers

#!/bin/bash
# timeout: 150
# serial
# A sparse disk of 9 GiB: past the 8 GiB that a plain tar header can say, and holes stay holes.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance big --disk 9G:sparse --disk 100000:dense
mount_cluster ''
disk=$(inst big)/export/disk0.raw
check_eq "the size, before" "$(stat -c %s "$disk")" 9663676416
[ $(($(stat -c '%b * 512' "$disk"))) -lt 9663676416 ] && pass "it is known to be sparse" || fail "st_blocks"
# A seek on what is being exported tells the holes of the disk.
check "pulled by cp" timeout 100 cp --sparse=auto "$disk" "$TMPDIR/first.raw"
check "right" python3 "$image_py" reads "$TMPDIR/first.raw" "$(disk_of big)" 30
[ "$(du -m "$TMPDIR/first.raw" | cut -f1)" -lt 64 ] && pass "sparse" || fail "sparse" "$(du -m "$TMPDIR/first.raw")"
rm "$TMPDIR/first.raw"
check "published: cp keeps the holes" timeout 100 cp --sparse=auto "$disk" "$TMPDIR/disk0.raw"
check "seek: the map of the holes" timeout 60 python3 "$image_py" seek "$disk"
[ "$(du -m "$TMPDIR/disk0.raw" | cut -f1)" -lt 64 ] && pass "pulled sparse" || fail "pulled sparse" "$(du -m "$TMPDIR/disk0.raw")"
check "bytes, where there are any" python3 "$image_py" reads "$disk" "$(disk_of big)" 30
check_eq "the same map" "$(python3 "$image_py" seek "$TMPDIR/disk0.raw")" "$(python3 "$image_py" seek "$(disk_of big)")"
check "GNU tar reads it from the mount, sparse" timeout 100 sh -c "tar -tvf '$(tar_of big)' | grep -q 9663676416"
check "python's tarfile as well" python3 -c '
import sys, tarfile
with tarfile.open(sys.argv[1]) as t:
    assert t.getmember("big.example.com/disk0.raw").size == 9663676416
    assert t.extractfile("big.example.com/disk1.raw").read() == open(sys.argv[2], "rb").read()' "$(tar_of big)" "$(disk_of big 1)"
held=$(du -sm "$C"/nodes/*/export/big.example.com | cut -f1)
[ "$held" -lt 64 ] && pass "the node keeps it sparse" || fail "the node keeps it sparse" "$held MiB"
rss=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/${daemons[$M]}/status")
[ "$rss" -lt 600 ] && pass "memory does not grow with the disk" || fail "memory" "$rss MiB"
check_eq "one run" "$(runs)" 1

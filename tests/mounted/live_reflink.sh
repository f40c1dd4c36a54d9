#!/bin/bash
# A running instance on a file system with reflinks is exported live, never stopped.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for fs in xfs btrfs; do
    make_fs $fs 330M "$TMPDIR/$fs"
    add_instance $fs --up --dir "$TMPDIR/$fs" --disk 20M:dense --disk 1000000
done
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
# Whoever stops an instance, if only for a moment, loses this mark.
for fs in xfs btrfs; do echo mark >"$C/state/fake/$fs.example.com"; done
mount_cluster ''
check "to the same file system: cp" timeout 50 cp "$(tar_of xfs)" "$TMPDIR/xfs.tar"
check "right to the byte" same_image xfs "$TMPDIR/xfs.tar"
touch_export xfs node2
check "reflinked to node2" same_directory xfs "$TMPDIR/xfs/export/xfs.example.com"
if xfs_io -c 'fiemap -v' "$TMPDIR/xfs/export/xfs.example.com/disk0.raw" | grep -Eiq '0x2[0-9a-f]{3}'; then
    pass "its extents are shared"
else
    fail "its extents are shared" "$(xfs_io -c 'fiemap -v' "$TMPDIR/xfs/export/xfs.example.com/disk0.raw")"
fi
check "btrfs: cp" timeout 50 cp "$(tar_of btrfs)" "$TMPDIR/btrfs.tar"
check "right to the byte" same_image btrfs "$TMPDIR/btrfs.tar"
for fs in xfs btrfs; do
    check_eq "$fs was running all the time" "$(cat "$C/state/fake/$fs.example.com")" mark
    check_eq "no snapshot is left beside its disks" "$(ls -A "$TMPDIR/$fs" | grep -v export)" \
        "$(printf '%s.example.com.disk%d\n' $fs 0 $fs 1)"
done

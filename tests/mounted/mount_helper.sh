#!/bin/bash
# mount -t fuse.gnt-exportfs CLUSTER DIRECTORY works as from /etc/fstab.
. "$(dirname "$0")/../lib/cluster.sh"
command -v mount.fuse3 >/dev/null || skip "mount.fuse3 is not installed"
make_cluster
add_instance web1
mkdir "$M" "$TMPDIR/upper" "$TMPDIR/work"
# A /sbin of this test's own, for mount(8) looks for its helpers nowhere else.
sbin=$(realpath /sbin)
mount -t overlay overlay -o "lowerdir=$sbin,upperdir=$TMPDIR/upper,workdir=$TMPDIR/work" "$sbin" 2>/dev/null ||
    skip "no overlay file system here"
sed "s|@SBINDIR@|$(dirname "$(realpath "$GNT")")|" "$LIB/../../contrib/mount.fuse.gnt-exportfs" \
    >"$sbin/mount.fuse.gnt-exportfs"
chmod 755 "$sbin/mount.fuse.gnt-exportfs"
check "mounts" mount -t fuse.gnt-exportfs -o ro,allow_other,max_age=60 "$C" "$M"
check "the tree is there" test -e "$(tar_of web1)"
check_match "read-only" "$(findmnt -n -o OPTIONS "$M")" '(^|,)ro(,|$)'
check "umount" umount "$M"

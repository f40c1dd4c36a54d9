# shellcheck shell=bash
# The helper of mount(8), in a /sbin of the test's own.  Sourced after cluster.sh.
command -v mount.fuse3 >/dev/null || skip "mount.fuse3 is not installed"

# own_sbin: for mount(8) looks for its helpers nowhere else.
own_sbin()
{
    local sbin
    sbin=$(realpath /sbin)
    mkdir "$TMPDIR/upper" "$TMPDIR/work"
    mount -t overlay overlay -o "lowerdir=$sbin,upperdir=$TMPDIR/upper,workdir=$TMPDIR/work" "$sbin" 2>/dev/null ||
        skip "no overlay file system here"
    sed "s|@SBINDIR@|$(dirname "$(realpath "$GNT")")|" "$LIB/../../contrib/mount.fuse.gnt-exportfs" \
        >"$sbin/mount.fuse.gnt-exportfs"
    chmod 755 "$sbin/mount.fuse.gnt-exportfs"
}

#!/bin/bash
# The target's disk is full: while an image is staged, and while it is split into dumps.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
make_fs ext4 40M "$(exports_of node3)"
add_instance web1 --disk 24M:dense
add_instance web2 --disk 60M:dense
mount_cluster target_node=node2.example.com
pull web1
touch_export web2 node2
cp "$(node_tar web2 2)" "$TMPDIR/web2.tar"
refused "staging does not fit" 'No space left' 'space|staging|upload' cp "$TMPDIR/web2.tar" "$(node_tar web2 3)"
refused "the staged one fits, its dumps do not" 'No space left' 'space' cp "$TMPDIR/web1.tar" "$(node_tar web1 3)"
check "where there is room it works" cp "$TMPDIR/web1.tar" "$(node_tar web1 1)"
check "published" published web1 1 "$TMPDIR/web1.tar"

make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node1 "export_dir = $TMPDIR/xfs/export"
soon "node1 has a file system with reflinks" eval '[ "$(sed -n "s/^total: //p" "$M/nodes/node1.example.com/status")" -lt 500000000 ]'
fallocate -l $(($(stat -fc '%a * %S' "$TMPDIR/xfs") - (90 << 20))) "$TMPDIR/xfs/eaten"
soon "which has room for it once, not twice" eval '[ "$(sed -n "s/^free: //p" "$M/nodes/node1.example.com/status")" -lt 100000000 ]'
check "our own archive is split by reflink" cp "$TMPDIR/web2.tar" "$(node_tar web2 1)"
check "published" cmp "$TMPDIR/web2.tar" "$(node_tar web2 1)"

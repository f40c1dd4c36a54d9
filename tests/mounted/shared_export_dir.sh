#!/bin/bash
# Nodes that share one export directory: the fresh copy is never removed as a stale one.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mkdir "$TMPDIR/shared" "$TMPDIR/shared2"
mount --bind "$TMPDIR/shared" "$TMPDIR/shared2"
node_ini node2 "export_dir = $TMPDIR/shared"
node_ini node3 "export_dir = $TMPDIR/shared2"
mount_cluster ''
for target in node2 node3 node2; do
    touch_export web1 $target
    check "exported to $target: there" test -s "$TMPDIR/shared/web1.example.com/config.ini"
    check "both nodes show it" ls "$M"/nodes/node{2,3}.example.com/exports/web1.example.com/disk0.raw
done
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
touch_export web1 node1
soon "a newer one elsewhere removes it" eval "! test -e '$TMPDIR/shared/web1.example.com'"
check "the newer one stays" test -s "$(exports_of node1)/web1.example.com/config.ini"

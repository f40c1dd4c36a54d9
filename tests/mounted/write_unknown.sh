#!/bin/bash
# An image of a machine that the cluster does not know any more is put on a node, ready for
# `gnt-backup import`; images/NAME.tar goes to a node by the rule for targets.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:dense
add_instance web2 --disk 1M:dense
mount_cluster target_node=node3.example.com
pull web1
rm "$C/instances/web1.example.com.ini"
rm -r "$(exports_of node2)/web1.example.com"
soon "the machine is gone" test ! -e "$(inst web1)"
check_fails "by its short name it is not known" 'No such file' cp "$TMPDIR/web1.tar" "$M/nodes/node1.example.com/images/web1.tar"
check "by its full name it can be put back" cp "$TMPDIR/web1.tar" "$(node_tar web1 1)"
check "published" published web1 1 "$TMPDIR/web1.tar"
check "for the import" eval 'grep -q "^\[export\]" "$(exports_of node1)/web1.example.com/config.ini"'
check "and as a directory" cp -r "$TMPDIR/pulled/web1.example.com" "$M/nodes/node2.example.com/exports/"
soon "on that node, alone" published web1 2 "$TMPDIR/web1.tar"
check "written to images/, the target by the rule" cp "$TMPDIR/web1.tar" "$(tar_of web1)"
check "which is target_node here" published web1 3 "$TMPDIR/web1.tar"

touch_export web2 node1
cp "$(node_tar web2 1)" "$TMPDIR/web2.tar"
change_disk web2
touch_export web2 node1
check "of an instance that is there, too" cp "$TMPDIR/web2.tar" "$(tar_of web2)"
check "published" published web2 3 "$TMPDIR/web2.tar"
check "and it is what reading gives now" cmp "$TMPDIR/web2.tar" "$(tar_of web2)"
check "rsync to images/" rsync -a "$TMPDIR/web2.tar" "$(tar_of web2)"
check "nothing is staged" nothing_staged

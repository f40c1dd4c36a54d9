#!/bin/bash
# timeout: 90
# A mount is killed when somebody has bytes of its run.  Another mount of the cluster, which showed
# the same T, shows another within seconds: who pulls on through that must not join two exports.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 200M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
add_instance web1 --disk 24M:dense --disk 1M:dense
options=target_node=node2.example.com,linger=20
mount_cluster $options
mount_cluster $options "$TMPDIR/mnt2"
second=$TMPDIR/mnt2/instances/web1.example.com/export
stamp() { stat -c %Y "$1/disk0.raw"; }
first_t=$(stamp "$(inst web1)/export")
check_eq "both show the same" "$(stamp "$second")" "$first_t"
hold_copy_of web1
cat "$(inst web1)/export/disk0.raw" >"$TMPDIR/part" 2>/dev/null & reader=$!
soon "somebody has bytes" test -s "$TMPDIR/part"
sleep 4 # the other mount looks while the run lives
check_eq "while the run lives it is waited for" "$(stamp "$second")" "$first_t"
die
wait $reader || true
soon "when it is dead its T is used up" eval '[ "$(stamp "$second")" != "$first_t" ]'
cp -r "$second" "$TMPDIR/pulled"
check "what is pulled then is whole" same_directory web1 "$TMPDIR/pulled"
M=$TMPDIR/mnt2
soon "nothing runs" idle
check "nothing staged" eval '! find "$TMPDIR/ext4/export" -mindepth 1 -maxdepth 1 -name ".*" | grep .'

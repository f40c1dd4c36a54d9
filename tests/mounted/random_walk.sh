#!/bin/bash
# timeout: 300
# A thousand random steps of readers, writers and administrators, compared with a model after each.
# SEED=N walks another one (make soak: any), STEPS=N makes it longer.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node1 "export_dir = $TMPDIR/xfs/export"
ln -sfn "$TMPDIR/xfs/export" "$C/nodes/node1.example.com/export.new"
rmdir "$(exports_of node1)" && mv -T "$C/nodes/node1.example.com/export.new" "$(exports_of node1)"
for name in run1 run2 run3; do
    add_instance $name --up --dir "$TMPDIR/xfs" --disk 200000:dense --disk 65536:dense
done
for name in rest1 rest2 rest3; do add_instance $name --disk 131072:dense --disk 70001:dense; done
add_hook node1 pre 50-gate "while [ -e $C/gate ]; do sleep 0.05; done"
add_hook node1 pre 60-veto "[ ! -e $C/veto ]"
command -v strace >/dev/null || skip "there is no strace"
mkdir -p "$M"
cd "$LIB"
python3 walk.py "$C" "$M" "$RUNS" "$GNT" "${STEPS:-1000}" "${SEED:-12}" || exit 1

#!/bin/bash
# timeout: 240
# Each fallible call of an export fails once (tests/torture/torture.py): here a sample, others each
# day; all of them with "make torture".
. "$(dirname "$0")/../lib/cluster.sh"
GNT=${GNT_TORTURE:-$LIB/../../build/torture/gnt-exportfs}
[ -x "$GNT" ] || skip "$GNT is not built: make tortured"
make_cluster
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
add_instance stop --up --disk 12288:dense --disk 5000:dense
add_instance live --up --dir "$TMPDIR/xfs" --disk 12288:dense --disk 5000:dense
python3 "$LIB/../torture/torture.py" --daemon "$GNT" --cluster "$C" ${TORTURE:---sample 45 --lives 100} ||
    fail "each failure is survived"

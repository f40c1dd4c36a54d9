#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs are about to exchange a clone for what was there.  What is
# published all the same is whole, as soon as its checksums are made.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_fs xfs 400M "$TMPDIR/xfs"
make_readers_cluster "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
mount_cluster "${MOUNT_READERS/shutdown,/},target_node=node2.example.com"
hold_in renameat2
at_stage() { status_of "$1" | grep -q '^phase: publishing'; }
may_publish() { true; }
interrupt_at exchange

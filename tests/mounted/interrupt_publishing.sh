#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs have published a clone and hash it: what they wait for is
# the checksums at the end.  What is published stays, whole.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_fs xfs 400M "$TMPDIR/xfs"
make_readers_cluster "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
mount_cluster "${MOUNT_READERS/shutdown,/},target_node=node2.example.com"
hold_in fadvise64
at_stage() { status_of "$1" | grep -q '^phase: hashing'; }
may_publish() { true; }
interrupt_at publishing

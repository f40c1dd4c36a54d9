#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs stop their instances.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_readers_cluster
mount_cluster "$MOUNT_READERS"
long_sleep_all
hold_at=$C/state/fake hold_in unlinkat
at_stage() { status_of "$1" | grep -q '^phase: shutting down'; }
interrupt_at shutdown

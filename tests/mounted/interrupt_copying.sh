#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs copy.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_readers_cluster
mount_cluster "$MOUNT_READERS"
long_sleep_all
hold_in fadvise64
at_stage() { status_of "$1" | grep -q '^phase: copying'; }
interrupt_at copying

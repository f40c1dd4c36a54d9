#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs are in a hook.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_readers_cluster
add_gate
mount_cluster "$MOUNT_READERS"
long_sleep_all
at_stage() { status_of "$1" | grep -q '^phase: hooks (pre)'; }
let_go() { open_gate; }
interrupt_at hook

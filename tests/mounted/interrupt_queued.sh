#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs wait for a job slot.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_readers_cluster
add_instance first
add_gate
mount_cluster "${MOUNT_READERS/max_jobs=60/max_jobs=1}"
long_sleep_all
touch "$(tar_of first)"
check "another run has the slot" wait_until 20 gate_reached
at_stage() { status_of "$1" | grep -q '^job_state: queued'; }
let_go() { open_gate; }
interrupt_at queued

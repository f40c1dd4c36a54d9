#!/bin/bash
# timeout: 150
# Readers are interrupted while their runs wait for locks that another mount holds.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/interrupt.sh"
make_readers_cluster
add_gate
mount_cluster "$MOUNT_READERS"
mount_cluster "$MOUNT_READERS" "$TMPDIR/mnt2"
long_sleep_all
touch "$TMPDIR"/mnt2/images/*.tar
in_hook() { [ "$(cat "$TMPDIR"/mnt2/instances/*/status | grep -c '^phase: hooks (pre)')" = 25 ]; }
check "the other mount's runs have the locks" wait_until 40 in_hook
at_stage() { status_of "$1" | grep -q '^phase: waiting for locks'; }
others_idle() { [ "$(grep -Ec '^jobs_(running|queued): 0$' "$TMPDIR/mnt2/status")" = 2 ]; }
let_go() { open_gate && wait_until 60 others_idle; }
# the other mount's export is there, and not of these runs
has_export() { false; }
interrupt_at lock
check_eq "each was exported once, for the other mount" "$(sort "$RUNS" | uniq -d)" ''

#!/bin/bash
# What mount-command prints mounts the cluster, ready when it returns, and shows nobody the password.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
export GNT_EXPORTFS=${GNT_EXPORTFS:-$LIB/../../gnt-exportfs}
mkdir "$TMPDIR/by hand"
at_end umount '"$TMPDIR/by hand"'
command=$("$LIB/../ganeti/mount-command" "$TMPDIR/by hand" "state_dir=$TMPDIR/state")
check "as it is printed" eval "$command"
check "it is mounted" mountpoint -q "$TMPDIR/by hand"
check "and ready" test -d "$TMPDIR/by hand/instances/$(dom rest1)"
pid=$(pgrep -f "$TMPDIR/by hand" | head -n 1)
check_no_match "no password on the command line" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "$GNT_PASSWORD"
check_no_match "nor in its environment" "$(tr '\0' ' ' <"/proc/$pid/environ")" "$GNT_PASSWORD"
check_no_match "nor among the mounts" "$(cat /proc/mounts)" "$GNT_PASSWORD"
check_no_match "nor below the mount" "$(cat "$TMPDIR/by hand/status" "$TMPDIR/by hand/metrics")" "$GNT_PASSWORD"
check "umount" umount "$TMPDIR/by hand"
soon "the daemon ends" eval "! kill -0 $pid"

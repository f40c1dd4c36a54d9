# shellcheck shell=bash
# What the kernel reads by itself: for tests that source cluster.sh first.

# Backing files cannot lie on an overlay.
[ "$(stat -f -c %T "$TMPDIR")" != overlayfs ] || mount -t tmpfs none "$TMPDIR"

passthrough_py=$LIB/passthrough.py

state_of_mount() { sed -n 's/^passthrough: //p' "${1:-$M}/status"; }

# needs_passthrough [MOUNTPOINT]: skips where this mount has none.
needs_passthrough()
{
    local state
    state=$(state_of_mount "$@")
    [ "$state" = yes ] || skip "no passthrough here: $state"
}

# passes FD: that open file is read while the daemon of $M is stopped; comes_here FD: it is not.
passes() { [ "$(python3 "$passthrough_py" without "${daemons[$M]}" "$1" 20)" = read ]; }
comes_here() { [ "$(python3 "$passthrough_py" without "${daemons[$M]}" "$1" 2)" = waits ]; }

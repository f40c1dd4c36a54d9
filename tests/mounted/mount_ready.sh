#!/bin/bash
# The mount is ready when the command returns, has the type of §9, and ends with the unmount.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mkdir "$M"

check "the command returns" timeout 30 "$GNT" "$C" "$M"
check_eq "the tree is there at once" "$(ls "$M")" $'images\ninstances\nmetrics\nnodes\nparams\nstatus'
check_eq "its type" "$(findmnt -n -o FSTYPE "$M")" fuse.gnt-exportfs
check_no_match "no colon in the source (df would take it for remote)" "$(findmnt -n -o SOURCE "$M")" ':'
check "df works" df "$M"
pid=$(pgrep -f "$GNT" | head -1)
check "it can be read from" cp "$(tar_of web1)" "$TMPDIR/"
check "unmount" umount "$M"
soon "the daemon ends" eval "! kill -0 $pid"

mount_cluster ''
kill -TERM "${daemons[$M]}"
soon "SIGTERM unmounts" eval "! mountpoint -q $M"
status=0
wait "${daemons[$M]}" || status=$?
check_eq "and is a regular end" "$status" 0
unset "daemons[$M]"

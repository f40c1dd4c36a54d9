#!/bin/bash
# dry_run = True and touch: stops after the pre hooks.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up
add_hook node1 post 10-after "echo >>$TMPDIR/post"
mount_cluster ''
set_params web1 'dry_run = True' 'shutdown = True' 'long_sleep = True'
touch_export web1
check_eq "the pre hooks ran" "$(runs)" 1
check "no post hook" test ! -e "$TMPDIR/post"
check_eq "no export" "$(ls -d "$C"/nodes/*/export/web1* 2>/dev/null || true)" ''
check "never stopped" is_running web1

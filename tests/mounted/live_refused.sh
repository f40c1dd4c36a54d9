#!/bin/bash
# A running instance that cannot be snapshotted is refused with EBUSY, and never shut down for it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 64M "$TMPDIR/ext4"
add_instance web1 --up --dir "$TMPDIR/ext4"
echo mark >"$C/state/fake/web1.example.com"
mount_cluster ''
check_fails "a reader gets EBUSY" 'busy' cat "$(tar_of web1)"
check_match "status says why" "$(status_of web1)" '^error: .*(snapshot|live|reflink)'
set_params web1 'shutdown = True'
touch_export web1 || true
check_match "shutdown without long_sleep is refused as well, and told how" "$(status_of web1)" 'long'
check_eq "it was running all the time" "$(cat "$C/state/fake/web1.example.com")" mark
check_eq "no export" "$(ls -A "$C"/nodes/*/export | grep web1 || true)" ''

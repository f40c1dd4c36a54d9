#!/bin/bash
# An instance that was up is up again, whatever fails: target full, disk gone, run cancelled, unmount.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 64M "$TMPDIR/ext4"
add_instance web1 --up --dir "$TMPDIR/ext4" --disk 20M:dense
make_fs ext4 40M "$(exports_of node2)"
mount_cluster max_age=0,linger=0
set_params web1 'shutdown = True' 'long_sleep = True' 'target_node = node2.example.com'

add_hook node2 pre eat "fallocate -l 30M $(exports_of node2)/.eaten"
check_fails "the target fills up after the checks: ENOSPC" 'No space left' cat "$(tar_of web1)"
soon "all is put back" idle
check "running" is_running web1
check "no stage is left" eval "! ls -A '$(exports_of node2)' | grep web1"
rm "$(node_dir node2)/hooks/instance-export-pre.d/eat" "$(exports_of node2)/.eaten"
free_on_node2() { sed -n 's/^free: //p' "$M/nodes/node2.example.com/status"; }
soon "the room is seen again" eval '[ "$(free_on_node2)" -gt 25000000 ]'

add_hook node1 pre 90-shrink "truncate -s 1M $TMPDIR/ext4/web1.example.com.disk0"
touch_export web1 || true
check_match "the disk shrank under it" "$(status_of web1)" '^error: .*disk'
check "running" is_running web1
rm "$(node_dir node1)/hooks/instance-export-pre.d/90-shrink"

add_hook node1 pre 90-remove "mv $TMPDIR/ext4/web1.example.com.disk0 $TMPDIR/gone"
touch_export web1 || true
check_match "the disk is gone" "$(status_of web1)" '^error: .*disk'
check "running" is_running web1
check_eq "no export came of any of it" "$(ls -d "$C"/nodes/*/export/web1* 2>/dev/null || true)" ''

#!/bin/bash
# timeout: 240
# A reader that goes away takes its export and the snapshots with it; a mount that goes away, too.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
. "$LIB/hold.sh"
make_cluster
make_vg vg 300M
make_pool vg/pool 20M
make_lv vg/thick 64M
make_lv vg/thin 16M vg/pool
add_instance web1 --up --disk 64M:sparse --disk 16M:dense
on_volumes web1 vg/thick vg/thin
mount_cluster shutdown,max_age=0,linger=0

hold_in sync_file_range
cat "$(tar_of web1)" >/dev/null 2>&1 & reader=$!
check "held in the copy" wait_until 40 eval 'status_of web1 | grep -q "^phase: copying"'
check "there are snapshots" eval "lvs vg/thick.snap && lvs vg/thin.snap"
kill -INT $reader
wait $reader || true
release
soon "the reader has gone: no snapshot" no_snapshot
soon "no job" idle
check "the instance runs" is_running web1
check "no stage" no_leftovers

touch "$(tar_of web1)"
check "there are snapshots again" wait_until 40 has_volume vg/thick.snap
unmount
check "the mount has gone: no snapshot" no_snapshot
check "the instance runs" is_running web1
check "no stage" no_leftovers

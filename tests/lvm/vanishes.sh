#!/bin/bash
# timeout: 240
# A thin volume is removed while its snapshot is copied: the export is of the moment before.  A
# snapshot that is removed under the copy makes it fail.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
. "$LIB/hold.sh"
make_cluster
make_vg vg 400M
make_pool vg/pool 100M
make_lv vg/thin 64M vg/pool
make_lv vg/thick 96M
add_instance thin --up --disk 64M:sparse
add_instance thick --up --disk 96M:sparse
cp "$(disk_of thin)" "$TMPDIR/reference"
on_volumes thin vg/thin
on_volumes thick vg/thick
mount_cluster max_age=0,linger=0

hold_in sync_file_range
touch "$M/nodes/node2.example.com/images/thin.example.com.tar"
check "thin: held in the copy" wait_until 40 eval 'status_of thin | grep -q "^phase: copying"'
lvremove -q -f -y vg/thin >/dev/null
release
wait_until 60 idle
check "the export is there" cmp "$(exports_of node2)/thin.example.com/disk0.raw" "$TMPDIR/reference"
soon "no snapshot is left" no_snapshot

hold_in sync_file_range
touch "$M/nodes/node2.example.com/images/thick.example.com.tar"
check "thick: held in the copy" wait_until 40 eval 'status_of thick | grep -q "^phase: copying"'
dmsetup remove -f vg-thick.snap >>"$TMPDIR/lvm.log" 2>&1 || true
release
wait_until 60 idle
check_match "the export has failed" "$(status_of thick)" '^error: .*disk\(s\) 0'
check "none is there" test ! -e "$(exports_of node2)/thick.example.com"
check "the instance runs" is_running thick
soon "no snapshot is left" no_snapshot

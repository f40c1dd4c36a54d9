#!/bin/bash
# timeout: 240
# A thin volume is removed while its snapshot is copied: the export is of the moment before.  A
# snapshot that is taken away under the copy makes it fail, and is not touched any more.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 100M
make_pool vg/pool 40M
make_lv vg/thin 16M vg/pool
make_lv vg/thick 16M
add_instance thin --up --disk 16M:dense
add_instance thick --up --disk 16M:dense
cp "$(disk_of thin)" "$TMPDIR/reference"
on_volumes thin vg/thin
on_volumes thick vg/thick
gate_lvs
PATH=$GATED mount_cluster max_age=0,linger=0

hold_lvs 4
touch "$M/nodes/node2.example.com/images/thin.example.com.tar"
check "thin: held in the copy" wait_until 40 lvs_held
lvremove -q -f -y vg/thin >/dev/null
let_lvs_go
wait_until 60 idle
check "the export is there" cmp "$(exports_of node2)/thin.example.com/disk0.raw" "$TMPDIR/reference"
soon "no snapshot is left" no_snapshot

hold_lvs 4
touch "$M/nodes/node2.example.com/images/thick.example.com.tar"
check "thick: held in the copy" wait_until 40 lvs_held
lvchange -q --deltag gnt-exportfs vg/thick.snap # it is somebody else's now
let_lvs_go
wait_until 60 idle
check_match "the export has failed" "$(status_of thick)" '^error: .*disk\(s\) 0'
check "none is there" test ! -e "$(exports_of node2)/thick.example.com"
check "the instance runs" is_running thick
soon "no snapshot is left" no_snapshot
check "what was taken away is there" has_volume vg/thick.snap

#!/bin/bash
# timeout: 240
# A reader that goes away takes its export and the snapshots with it; a mount that goes away, too.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 100M
make_pool vg/pool 20M
make_lv vg/thick 16M
make_lv vg/thin 16M vg/pool
add_instance web1 --up --disk 16M:dense --disk 16M:dense
on_volumes web1 vg/thick vg/thin
gate_lvs
PATH=$GATED mount_cluster shutdown,max_age=0,linger=0
there_are_snapshots() { lvs vg/thick.snap && lvs vg/thin.snap; }

for call in 3 4; do # as they are opened; as the first one is copied
    hold_lvs $call
    cat "$(tar_of web1)" >/dev/null 2>&1 & reader=$!
    check "$call: held" wait_until 40 lvs_held
    check "$call: there are snapshots" there_are_snapshots
    kill $reader
    wait $reader || true
    let_lvs_go
    soon "$call: the reader has gone: no snapshot" no_snapshot
    soon "$call: no job" idle
    soon "$call: the instance runs" is_running web1
    check "$call: no stage" no_leftovers
done

hold_lvs 3
touch "$(tar_of web1)"
check "held again" wait_until 40 lvs_held
check "there are snapshots" there_are_snapshots
umount -l "$M"
let_lvs_go
check "the daemon ends" wait_until 40 eval "! kill -0 ${daemons[$M]}"
unset "daemons[$M]"
check "the mount has gone: no snapshot" no_snapshot
check "the instance runs" is_running web1
check "no stage" no_leftovers

#!/bin/bash
# timeout: 120
# A reader of a machine on volumes that goes away takes its export with it, and the snapshots, at
# whichever step that is; the machine runs.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/volumes.sh"
make_cluster
add_instance web1 --up --disk 8M:dense --disk 4M:sparse
on_volume web1 0
on_volume web1 1
mount_cluster shutdown,max_age=0,linger=0
for call in 1 2 3 4; do
    hold_lvs $call
    cat "$(tar_of web1)" >/dev/null 2>&1 & reader=$!
    check "$call: held" wait_until 30 lvs_held
    [ $call -le 2 ] || check_eq "$call: there are snapshots" "$(snapshots | xargs)" 'vg/web1-0.snap vg/web1-1.snap'
    kill $reader
    wait $reader || true
    let_lvs_go
    soon "$call: no job" idle
    check "$call: no snapshot" no_snapshots
    check "$call: the instance runs" is_running web1
    check "$call: no stage" no_leftovers
    check_eq "$call: no export" "$(ls -d "$C"/nodes/*/export/web1* 2>/dev/null || true)" ''
done
rm "$TMPDIR/lvm.lvs"
check "then it is exported" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"

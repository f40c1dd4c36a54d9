#!/bin/bash
# timeout: 240
# A thick snapshot that runs full makes the export fail, however late it does; the previous one stays.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 100M
make_lv vg/web 16M
add_instance web1 --up --disk 16M:dense
on_volumes web1 vg/web
mark web1
gate_lvs
PATH=$GATED mount_cluster max_age=0,linger=0,retry_after=0
touch_export web1 node2
cp "$(exports_of node2)/web1.example.com/disk0.raw" "$TMPDIR/previous"
is_invalid() { lvs --noheadings -o lv_attr vg/web.snap | grep -q '^ *....I'; }

# run_full WHEN N: held at its N-th look at LVM, it runs full
run_full()
{
    hold_lvs "$2"
    touch "$(tar_of web1)"
    check "$1: held" wait_until 40 lvs_held
    check "$1: the snapshot is there" has_volume vg/web.snap
    lvreduce -q -f -y -L 4M vg/web.snap >>"$TMPDIR/lvm.log" 2>&1
    dd if=/dev/urandom of=/dev/vg/web bs=1M count=16 oflag=direct status=none
    check "$1: it has run full" is_invalid
    let_lvs_go
    wait_until 60 idle
    check_match "$1: the export has failed" "$(status_of web1)" '^error: .*disk\(s\) 0'
    check "$1: the previous one is as it was" cmp "$(exports_of node2)/web1.example.com/disk0.raw" "$TMPDIR/previous"
    check_eq "$1: nothing of it anywhere else" "$(ls -A "$(exports_of node1)" "$(exports_of node3)" | grep web1 || true)" ''
    soon "$1: no snapshot is left" no_snapshot
    check_mark web1
}
run_full "before the first byte" 3
run_full "after the last byte" 4
hold_lvs never
check "then it is exported again" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"

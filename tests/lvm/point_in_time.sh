#!/bin/bash
# timeout: 240
# A guest writes numbers into its volumes, block after block, past the host's cache as guests do,
# while it is exported again and again: every export of a disk is one moment of it.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 100M
make_pool vg/pool 40M
make_lv vg/thick 4M
make_lv vg/thin 4M vg/pool
add_instance web1 --up --disk 4M:empty --disk 4M:empty
on_volumes web1 vg/thick vg/thin
mark web1
writers=()
for lv in thick thin; do
    python3 "$LIB/guest.py" write /dev/vg/$lv direct "$TMPDIR/stop" >"$TMPDIR/$lv.last" & writers+=($!)
done
has_begun() { python3 -c "import sys; sys.exit(not any(open('$1', 'rb').read(4096)))"; }
for lv in thick thin; do wait_until 40 has_begun /dev/vg/$lv; done
mount_cluster ''
last=(-1 -1)
for round in 1 2 3; do
    touch_export web1
    check "round $round: pulled" cp -r "$(inst web1)/export" "$TMPDIR/$round"
    check "round $round: of one export" eval "(cd '$TMPDIR/$round' && xxhsum -c --quiet XXH128SUMS)"
    for j in 0 1; do
        seen=$(python3 "$LIB/guest.py" check "$TMPDIR/$round/disk$j.raw" 2>&1) &&
            pass "round $round: disk$j is of one moment ($seen)" || fail "round $round: disk$j is of one moment" "$seen"
        check "round $round: disk$j is later than the one before" test "$seen" -gt "${last[$j]}"
        last[j]=$seen
    done
done
check "the guest goes on" kill -0 "${writers[@]}"
: >"$TMPDIR/stop"
wait "${writers[@]}"
check_mark web1
soon "no snapshot is left" no_snapshot

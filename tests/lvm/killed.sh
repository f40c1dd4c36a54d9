#!/bin/bash
# timeout: 300
# The daemon is killed while there are snapshots, or while one is being made: the next mount removes
# them by itself, the instance runs, and the old export is the whole old one.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 140M
make_pool vg/pool 40M
make_lv vg/thick 16M
make_lv vg/thin 16M vg/pool
add_instance web1 --up --disk 16M:dense --disk 16M:dense
on_volumes web1 vg/thick vg/thin
OPTIONS=shutdown,max_age=0,linger=0
gate_lvs
PATH=$GATED mount_cluster $OPTIONS
touch_export web1 node2
lvcreate -q -y -s -L 4M -n other.snap vg/thick >/dev/null 2>&1

die()
{
    kill -9 "${daemons[$M]}"
    wait "${daemons[$M]}" 2>/dev/null || true
    unset "daemons[$M]"
    umount -l "$M"
}

in_order()
{
    mount_cluster $OPTIONS
    soon "$1: no snapshot is left" no_snapshot
    check "$1: the instance runs" is_running web1
    soon "$1: nothing is noted" eval '[ -z "$(ls "$C/state/journal")" ]'
    check "$1: the old export is whole" eval "(cd '$(exports_of node2)/web1.example.com' && xxhsum -c --quiet XXH128SUMS)"
    check "$1: somebody else's snapshot is there" has_volume vg/other.snap
}

hold_lvs 4
touch "$(tar_of web1)"
check "held in the copy" wait_until 40 lvs_held
check "with a snapshot of each" eval "lvs vg/thick.snap && lvs vg/thin.snap"
die
let_lvs_go
check "they outlive it" eval "lvs vg/thick.snap && lvs vg/thin.snap"
in_order "killed in the copy"

# lvcreate is one that takes its time, and goes on alone
printf '#!/bin/sh\ncase "$*" in *--test*) ;; *) : >%s/making; sleep 5 ;; esac\nexec /usr/sbin/lvcreate "$@"\n' "$TMPDIR" >"$TMPDIR/bin/lvcreate"
chmod 755 "$TMPDIR/bin/lvcreate"
unmount
hold_lvs never
PATH=$GATED mount_cluster $OPTIONS
touch "$(tar_of web1)"
check "a snapshot is being made" wait_until 40 test -e "$TMPDIR/making"
check "the instance is stopped meanwhile" eval '! is_running web1'
die
check "there is none yet" no_snapshot
in_order "killed as it was made"
sleep 6
check "none has come after that" no_snapshot

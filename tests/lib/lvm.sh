# shellcheck shell=bash
# Volume groups on loop devices.  Sourced after cluster.sh, by tests that run in the guest of
# tests/lvm/guest and nowhere else: all groups there are go first.
grep -qs 'User Mode Linux' /proc/cpuinfo || skip "only in the guest: tests/lvm/guest $0"

# What the test before this one has left, however it ended.
clear_volumes()
{
    local vg
    for vg in $(vgs --noheadings -o vg_name); do vgremove -ff -y "$vg"; done
    losetup -D
}
clear_volumes >"$TMPDIR/lvm.log" 2>&1

# make_vg NAME SIZE
make_vg()
{
    truncate -s "$2" "$TMPDIR/$1.pv"
    vgcreate -q "$1" "$(losetup -f --show "$TMPDIR/$1.pv")" >>"$TMPDIR/lvm.log"
}

# make_lv VG/NAME SIZE [POOL]: thick, or thin in a pool
make_lv()
{
    lvcreate -q -y -Wn ${3:+--thinpool "$3"} "$([ $# = 3 ] && echo -V || echo -L)" "$2" -n "${1#*/}" "${1%/*}" \
        >>"$TMPDIR/lvm.log" 2>&1
}

# make_pool VG/NAME SIZE
make_pool() { lvcreate -q -y --type thin-pool -L "$2" -n "${1#*/}" "${1%/*}" >>"$TMPDIR/lvm.log" 2>&1; }

# on_volumes NAME VG/LV...: its disks move from files to these volumes, which are large enough.
on_volumes()
{
    local name=$1 j=0 volume ini=$C/instances/$1.example.com.ini
    shift
    for volume; do
        dd if="$(disk_of "$name" $j)" of="/dev/$volume" bs=1M conv=notrunc,fsync status=none
        rm "$(disk_of "$name" $j)"
        sed -i "s|^disk${j}_path = .*|disk${j}_path = /dev/$volume|" "$ini"
        j=$((j + 1))
    done
}

volumes() { lvs --noheadings -o vg_name,lv_name --separator / | xargs; }
has_volume() { lvs "$1"; }
no_snapshot() { ! lvs --noheadings -o lv_full_name -S 'lv_tags={gnt-exportfs}' | grep .; }

# Whoever stops an instance, if only for a moment, loses this mark.
mark() { echo mark >"$C/state/fake/$1.example.com"; }
check_mark() { check_eq "$1 was running all the time" "$(cat "$C/state/fake/$1.example.com")" mark; }

# --- holding the daemon where it asks LVM ---
#
# A live export runs lvs when it looks whether there can be snapshots (1), before it takes them (2),
# when it opens them (3), and once a disk is copied (4 and on).  Works for mounts made after gate_lvs.

gate_lvs()
{
    mkdir "$TMPDIR/bin" "$TMPDIR/gate"
    cat >"$TMPDIR/bin/lvs" <<END
#!/bin/sh
cd $TMPDIR/gate
n=\$((\$(cat count) + 1))
echo \$n >count
if [ \$n = "\$(cat at)" ]; then
    : >reached
    while [ ! -e open ]; do sleep 0.2; done
fi
exec /usr/sbin/lvs "\$@"
END
    chmod 755 "$TMPDIR/bin/lvs"
    hold_lvs never
    # shellcheck disable=SC2034  # the daemon's
    GATED=$TMPDIR/bin:$PATH
}
# hold_lvs N: the N-th that is run from now on
hold_lvs()
{
    rm -f "$TMPDIR"/gate/*
    echo 0 >"$TMPDIR/gate/count"
    echo "$1" >"$TMPDIR/gate/at"
}
lvs_held() { [ -e "$TMPDIR/gate/reached" ]; }
let_lvs_go() { : >"$TMPDIR/gate/open"; }

# shellcheck shell=bash
# Volumes on stand-ins for LVM's commands (fake_lvm.sh), in a group vg with room for more.  Sourced
# after cluster.sh and before mount_cluster.
mkdir -p "$TMPDIR/bin" "$TMPDIR/lvm/vg"
for command in lvs lvcreate lvremove lvchange; do ln -s "$LIB/fake_lvm.sh" "$TMPDIR/bin/$command"; done
PATH=$TMPDIR/bin:$PATH
echo 100 >"$TMPDIR/lvm/vg/free"

# on_volume NAME INDEX: its disk becomes the volume vg/NAME-INDEX.  In this test's mount namespace
# sysfs says of the device that it is one.
on_volume()
{
    local disk device
    disk=$(disk_of "$1" "$2")
    device=$(losetup -f --show "$disk") || skip "no loop device to be had"
    echo "$(stat -c %s "$disk")|-wi-ao----||||||$device" >"$TMPDIR/lvm/vg/$1-$2"
    mkdir -p "$TMPDIR/sysfs/dm"
    printf 'LVM-%064d\n' 7 >"$TMPDIR/sysfs/dm/uuid"
    mount --bind "$TMPDIR/sysfs" "/sys/block/${device##*/}"
    sed -i "s|^disk$2_path = .*|disk$2_path = $device|" "$C/instances/$1.example.com.ini"
}
snapshots() { (cd "$TMPDIR/lvm" && ls -d */*.snap 2>/dev/null) || true; }
no_snapshots() { [ -z "$(snapshots)" ]; }

# hold_lvs N: the N-th lvs that is run from now on waits until let_lvs_go.  A live export runs it when
# it looks whether there can be snapshots (1), before it takes them (2), when it opens them (3), and
# once a disk is copied (4 and on).
hold_lvs()
{
    rm -f "$TMPDIR"/lvs.*
    echo 0 >"$TMPDIR/lvs.count"
    echo "$1" >"$TMPDIR/lvs.at"
    cat >"$TMPDIR/lvm.lvs" <<'END'
n=$(($(cat lvs.count) + 1))
echo $n >lvs.count
if [ $n = "$(cat lvs.at)" ]; then
    : >lvs.held
    while [ ! -e lvs.go ]; do sleep 0.1; done
fi
END
}
lvs_held() { [ -e "$TMPDIR/lvs.held" ]; }
let_lvs_go() { : >"$TMPDIR/lvs.go"; }

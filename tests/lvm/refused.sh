#!/bin/bash
# timeout: 240
# What cannot have a snapshot is refused, with the reason, before anything is shut down.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 104M
make_pool vg/pool 16M
make_lv vg/a 16M
make_lv vg/b 16M
make_lv vg/thin 16M vg/pool
lvcreate -q -y -s -L 4M -n old vg/a >/dev/null 2>&1
for name in both snap name thin; do add_instance $name --up --disk 1M --disk 1M; done
on_volumes both vg/a vg/b
on_volumes snap vg/old vg/b
on_volumes name vg/b vg/a
on_volumes thin vg/thin vg/b
for name in both snap name thin; do mark $name; done
mount_cluster max_age=0,linger=0,retry_after=0
free() { vgs --noheadings --units m --nosuffix -o vg_free vg | xargs | cut -d. -f1; }

# refused NAME REGEX: live, and stopped for a moment
refused()
{
    set_params "$1" ''
    check_fails "$1: a reader gets EBUSY" 'busy' cat "$(tar_of "$1")"
    check_match "$1: status says why" "$(status_of "$1")" "^error: .*$2"
    set_params "$1" 'shutdown = True'
    touch_export "$1" || true
    check_match "$1: nor with a shutdown" "$(status_of "$1")" "^error: .*$2"
    check_mark "$1"
}

refused snap 'vg/old is a snapshot itself'

make_lv vg/a.snap 4M
refused name 'vg/a.snap, which is not of an export'
check "vg/a.snap is there" has_volume vg/a.snap
check_no_match "and not ours" "$(lvs --noheadings -o lv_tags vg/a.snap)" gnt
lvremove -q -y vg/a.snap >/dev/null

make_lv vg/rest "$(($(free) - 20))M"
check_eq "there is room for a snapshot of each" "$(free)" 20
refused both 'snapshots of all its disks need 10 extents in vg, 5 are free'
lvremove -q -y vg/rest >/dev/null
check "with room for both: cp" cp "$(tar_of both)" "$TMPDIR/both.tar"
check "right to the byte" same_image both "$TMPDIR/both.tar"

lvcreate -q -y -s -kn -n filler vg/thin >/dev/null 2>&1
dd if=/dev/urandom of=/dev/vg/filler bs=1M seek=1 count=15 oflag=direct status=none # one more hangs for a minute
refused thin 'thin pool vg/pool is full'
lvremove -q -y vg/filler >/dev/null

lvremove -q -y vg/thin >/dev/null
check_fails "a volume that is not there: a reader gets an error" '' cat "$(tar_of thin)"
check_match "status says why" "$(status_of thin)" '^error: .*/dev/vg/thin'
soon "no snapshot is left" no_snapshot

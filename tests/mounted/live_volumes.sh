#!/bin/bash
# timeout: 120
# Running instances on volumes, with stand-ins for LVM's commands (tests/lvm has the real ones):
# exported live from snapshots that do not stay, whatever becomes of the export.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
. "$LIB/volumes.sh"
make_cluster
for name in web1 web2; do
    add_instance $name --up --disk 64M:dense --disk 4M:sparse
    on_volume $name 0
    on_volume $name 1
    echo mark >"$C/state/fake/$name.example.com"
done
mount_cluster max_age=0,linger=0,retry_after=0
check "live: cp" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
soon "no snapshot is left" no_snapshots
check_eq "one was made of each disk" "$(grep lvcreate "$TMPDIR/lvm.log" | grep -vc -e --test)" 2
check_eq "it was running all the time" "$(cat "$C/state/fake/web1.example.com")" mark

echo 18 >"$TMPDIR/lvm/vg/free" # for either disk
set_params web2 'shutdown = True'
check_fails "no room for both: a reader gets EBUSY" 'busy' cat "$(tar_of web2)"
check_match "status says why" "$(status_of web2)" '^error: .*need 19 extents in vg, 18 are free'
check_eq "it was not stopped for that" "$(cat "$C/state/fake/web2.example.com")" mark
echo 100 >"$TMPDIR/lvm/vg/free"

touch_export web1 node2
cp "$(exports_of node2)/web1.example.com/disk0.raw" "$TMPDIR/previous"
printf x | dd of="$(disk_of web1)" conv=notrunc bs=1 seek=777 status=none
hold_in sync_file_range
touch "$(tar_of web1)"
check "held in the copy" wait_until 30 eval 'status_of web1 | grep -q "^phase: copying"'
check_eq "there are snapshots" "$(snapshots | xargs)" 'vg/web1-0.snap vg/web1-1.snap'
sed -i 's/sri-a-s---/sri-I-s---/' "$TMPDIR/lvm/vg/web1-0.snap"
release
check "the run ends" wait_until 40 idle
check_match "a snapshot that has run full fails it" "$(status_of web1)" '^error: .*run full'
check "the previous export is as it was" cmp "$(exports_of node2)/web1.example.com/disk0.raw" "$TMPDIR/previous"
check_eq "no snapshot is left" "$(snapshots)" ''

hold_in sync_file_range
touch "$(tar_of web1)"
check "held again" wait_until 30 eval 'status_of web1 | grep -q "^phase: copying"'
kill -9 "${daemons[$M]}" "$tracer"
wait "${daemons[$M]}" "$tracer" 2>/dev/null || true
unset "daemons[$M]"
umount -l "$M"
check_eq "killed: snapshots are left" "$(snapshots | xargs)" 'vg/web1-0.snap vg/web1-1.snap'
mount_cluster max_age=0,linger=0
soon "the next mount removes them" no_snapshots
soon "and nothing is noted" eval '[ -z "$(ls "$C/state/journal")" ]'

echo 'refuse made to fail' >"$TMPDIR/lvm.lvremove"
touch_export web1 node3
check "a snapshot that does not go fails no export" same_directory web1 "$(exports_of node3)/web1.example.com"
check_match "the log tells" "$(cat "$(inst web1)/log")" 'vg/web1-0.snap is left.*made to fail'
rm "$TMPDIR/lvm.lvremove"
unmount
mount_cluster ''
soon "it is removed later" no_snapshots

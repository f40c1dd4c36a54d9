#!/bin/bash
# DESIGN §2, freshness (b), of what the kernel reads by itself: reading keeps an export fresh, for
# all mounts of the cluster; opening does not.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/passthrough.sh"
make_cluster
add_instance web1 --disk 1M:dense --disk 1M:dense
disk=$(inst web1)/export/disk0.raw
make_old() { touch -d "4000 seconds ago" "$C"/nodes/*/export/web1.example.com; }
published() { date -u -r "$(ls -d "$C"/nodes/*/export/web1.example.com)" +%FT%TZ; }
old_now() { [ "$(status_of web1 | sed -n 's/^published: //p')" = "$(published)" ]; }
fresh_for() { status_of web1 | sed -n 's/^fresh_for: //p'; }
promised() { stat -c '%Y' "$(inst web1)/export/disk1.raw"; }
mount_cluster max_age=3600,linger=6
needs_passthrough
cat "$disk" >/dev/null
wait_until 20 idle
check_eq "the disk was exported" "$(runs)" 1
change_disk web1
stamp=$(promised)
python3 "$passthrough_py" keep_reading "$disk" 12 0.5 &
reader=$!
sleep 8
make_old
soon "the mount sees the age" old_now
check_match "fresh, for it is being read" "$(fresh_for)" '^read lately'
check_wait "it was read on" $reader
check_match "and a moment later" "$(fresh_for)" '^read lately'
mount_cluster max_age=3600,linger=6 "$TMPDIR/mnt2"
check_eq "another mount knows of the reader" \
    "$(stat -c %Y "$TMPDIR/mnt2/instances/web1.example.com/export/disk1.raw")" "$stamp"
unmount "$TMPDIR/mnt2"
head -c 1 "$disk" >/dev/null
sleep 5
check_eq "one read that is over counts" "$(promised)" "$stamp"
check "the next disk" cmp "$(inst web1)/export/disk1.raw" "$(disk_of web1 1)"
check_eq "is of the same export" "$(runs)" 1
cp "$disk" "$TMPDIR/old"
exec 7<"$disk" 8<"$(inst web1)/export/disk1.raw"
sleep 8
: <"$disk"
check "what is only open makes nothing fresh" [ "$(promised)" -gt "$stamp" ]
cat "$disk" >/dev/null
check_eq "so the next read makes a new export" "$(runs)" 2
wait_until 20 idle
check "which is another" eval "! cmp -s '$disk' '$TMPDIR/old'"
check "while the old one can be read where it is open" cmp - "$TMPDIR/old" <&7
check "by the kernel itself" passes 7
exec 7<&- 8<&-

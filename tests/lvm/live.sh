#!/bin/bash
# timeout: 240
# Running instances on volumes, thick and thin, in several groups, are exported live: right to the
# byte, never stopped, and no snapshot stays.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg one 100M
make_vg two 100M
make_pool two/pool 40M
make_lv one/thick 16M
make_lv two/thick 8M
make_lv two/thin 24M two/pool
add_instance thick --up --disk 16M:dense
add_instance mixed --up --disk 8M:dense --disk 24M:sparse
on_volumes thick one/thick
on_volumes mixed two/thick two/thin
ln -s /dev/mapper/one-thick "$TMPDIR/link"
sed -i "s|^disk0_path = .*|disk0_path = $TMPDIR/link|" "$C/instances/thick.example.com.ini"
mark thick
mark mixed
before=$(volumes)
mount_cluster max_age=0,linger=0
check "thick: cp" cp "$(tar_of thick)" "$TMPDIR/thick.tar"
check "thick: right to the byte" same_image thick "$TMPDIR/thick.tar"
check "a thick and a thin one: cp" cp "$(tar_of mixed)" "$TMPDIR/mixed.tar"
check "both: right to the byte" same_image mixed "$TMPDIR/mixed.tar"
touch_export mixed node3
check_match "the log tells" "$(cat "$(inst mixed)/log")" 'Created snapshots of 2 disks'
check "again, to another node" same_directory mixed "$(exports_of node3)/mixed.example.com"
unmount
mount_cluster max_age=0,linger=20
check "by files, with holes" cp -r "$(inst mixed)/export" "$TMPDIR/files"
check "right to the byte" same_directory mixed "$TMPDIR/files"
soon "no snapshot is left" no_snapshot
check_eq "no other volume either" "$(volumes)" "$before"
check_mark thick
check_mark mixed

# volumes of which somebody else has snapshots
lvcreate -q -y -s -L 4M -n backup one/thick >/dev/null 2>&1
lvcreate -q -y -s -n backup two/thin >/dev/null 2>&1
check "an origin of a snapshot: cp" cp "$(tar_of thick)" "$TMPDIR/thick.tar"
check "right to the byte" same_image thick "$TMPDIR/thick.tar"
check "thin: cp" cp "$(tar_of mixed)" "$TMPDIR/mixed.tar"
check "right to the byte" same_image mixed "$TMPDIR/mixed.tar"
soon "no snapshot is left but somebody else's" no_snapshot
check "that of the thick volume is there" has_volume one/backup
check "that of the thin one" has_volume two/backup

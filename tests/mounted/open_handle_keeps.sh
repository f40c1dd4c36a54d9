#!/bin/bash
# A handle goes on reading the export that it opened, even if a newer one replaces it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 4M:dense
mount_cluster ''
touch_export web1 node2
cp "$(disk_of web1)" "$TMPDIR/old"
exec 7<"$(inst web1)/export/disk0.raw" 8<"$M/nodes/node2.example.com/exports/web1.example.com/disk0.raw"
head -c 100000 <&7 >"$TMPDIR/seen"
make_disk "$(disk_of web1)" 4M:dense other
touch_export web1
check_eq "a newer export is there" "$(runs)" 2
cat <&7 >>"$TMPDIR/seen"
check "the old handle reads the old export" cmp "$TMPDIR/seen" "$TMPDIR/old"
check "on the node's side too" cmp - "$TMPDIR/old" <&8
exec 7<&- 8<&-
check "a new handle reads the new one" cmp "$(inst web1)/export/disk0.raw" "$(disk_of web1)"

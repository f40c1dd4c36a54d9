#!/bin/bash
# DESIGN §2, §3: a volume has no map, so before it is copied it counts as dense; and nothing proves
# that it is unchanged.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 6M:empty
cp "$(disk_of web1)" "$TMPDIR/reference"
device=$(losetup -f --show "$TMPDIR/reference") || skip "no loop device to be had"
trap 'losetup -d $device; finish' EXIT
sed -i "s|^disk0_path.*|disk0_path = $device|" "$C/instances/web1.example.com.ini"
mount_cluster max_age=3600,linger=0
file=$(inst web1)/export/disk0.raw
blocks=$(stat -c %b "$file")
check "nearly all of its blocks are expected ($blocks)" test "$blocks" -ge $((6 * 2048 - 8)) -a "$blocks" -lt $((6 * 2048))
sleep 3 # what is proven at all is by then
check "cp" cp "$file" "$TMPDIR/disk0"
check "right to the byte" cmp "$TMPDIR/disk0" "$TMPDIR/reference"
soon "the run is over" idle
stamp=$(stat -c %Y "$file")
touch -d '2 hours ago' "$C"/nodes/*/export/web1.example.com
soon "unchanged, and stale all the same" eval '[ "$(stat -c %Y "$file")" != "$stamp" ]'
check "a read makes another export" cat "$file"
check_eq "two runs" "$(runs)" 2

#!/bin/bash
# A disk that is a block device is copied while the instance is down, or stopped for it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 6M:dense
cp "$(disk_of web1)" "$TMPDIR/reference"
device=$(losetup -f --show "$TMPDIR/reference") || skip "no loop device to be had"
trap 'losetup -d $device; finish' EXIT
sed -i "s|^disk0_path.*|disk0_path = $device|" "$C/instances/web1.example.com.ini"
mount_cluster ''
check_eq "its size" "$(stat -c %s "$(inst web1)/export/disk0.raw")" 6291456
check "cp" cp "$(inst web1)/export/disk0.raw" "$TMPDIR/disk0"
check "right to the byte" cmp "$TMPDIR/disk0" "$TMPDIR/reference"

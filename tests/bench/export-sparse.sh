#!/bin/bash
# timeout: 1800
# An export alone of a disk of 64 GiB with 1 GiB of data in 1,000 places; cp --sparse=always of it.
# And of one of 8 GiB, 128 MiB of data in 125 places, that has zeros on the disk instead of holes.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
make_cluster
add_instance holes --disk 1M:empty
add_instance zeros --disk 1M:empty
truncate -s 64G "$(disk_of holes)"
data_in_places "$(disk_of holes)" 1000
dd if=/dev/zero of="$(disk_of zeros)" bs=1M count=8192 status=none
data_in_places "$(disk_of zeros)" 125
mount_cluster max_age=0,linger=0,target_node=node2
copy=$C/copy

before_holes() { settled && cold "$(disk_of holes)"; }
before_zeros() { settled && cold "$(disk_of zeros)"; }
before_cp_holes() { rm -f "$copy" && before_holes; }
before_cp_zeros() { rm -f "$copy" && before_zeros; }
before_cp_holes_durable() { before_cp_holes; }
before_cp_zeros_durable() { before_cp_zeros; }
holes() { export_now holes node2; }
zeros() { export_now zeros node2; }
cp_holes() { cp --sparse=always "$(disk_of holes)" "$copy"; }
cp_zeros() { cp --sparse=always "$(disk_of zeros)" "$copy"; }
cp_holes_durable() { cp_holes && sync -f "$copy"; }
cp_zeros_durable() { cp_zeros && sync -f "$copy"; }

in_rounds holes cp_holes cp_holes_durable zeros cp_zeros cp_zeros_durable
check "what was exported is right" cmp "$(disk_of zeros)" "$(exports_of node2)/zeros.example.com/disk0.raw"
compare 'holes' time holes cp_holes '<= 1.2'
compare 'zeros' time zeros cp_zeros '<= 1.3'
compare 'holes; cp, then sync -f' time holes cp_holes_durable ''
compare 'zeros; cp, then sync -f' time zeros cp_zeros_durable ''

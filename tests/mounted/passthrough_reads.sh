#!/bin/bash
# Published disks are read by the kernel itself: the same bytes, holes and attributes as otherwise.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/passthrough.sh"
make_cluster
add_instance web1 --disk 6M:hole-middle --disk 1000001:dense
attributes() { stat -c '%n %s %b %Y %Z %i %a' "$(inst web1)"/export/disk?.raw; }
mount_cluster ''
needs_passthrough
touch_export web1 node2
before=$(attributes)
there=$M/nodes/node2.example.com/exports/web1.example.com
dump=$(exports_of node2)/web1.example.com
for j in 0 1; do
    check "disk$j by every call that reads" \
        python3 "$passthrough_py" all_ways "$(inst web1)/export/disk$j.raw" "$dump/disk$j.raw"
    check "and below its node" python3 "$passthrough_py" all_ways "$there/disk$j.raw" "$dump/disk$j.raw"
    check "random preads of disk$j" \
        python3 "$image_py" reads "$(inst web1)/export/disk$j.raw" "$(disk_of web1 $j)" 100
done
check_eq "holes" "$(python3 "$passthrough_py" holes "$(inst web1)/export/disk0.raw")" \
    "$(python3 "$passthrough_py" holes "$dump/disk0.raw")"
check_eq "the attributes are as before" "$(attributes)" "$before"
exec 7<"$(inst web1)/export/disk1.raw" 8<"$there/disk1.raw" 9<"$(tar_of web1)"
check "a disk does not pass the daemon" passes 7
check "nor does a file of a node" passes 8
check "a tar does" comes_here 9
exec 7<&- 8<&- 9<&-
check "the tar is right" same_image web1 "$(tar_of web1)"
check_eq "all from one export" "$(runs)" 1
unmount
mount_cluster nopassthrough
check_match "it can be switched off" "$(state_of_mount)" '^no \(.*nopassthrough'
exec 7<"$(inst web1)/export/disk1.raw"
check "then a disk is read by the daemon" comes_here 7
exec 7<&-
check "the same bytes" python3 "$passthrough_py" all_ways "$(inst web1)/export/disk1.raw" "$dump/disk1.raw"

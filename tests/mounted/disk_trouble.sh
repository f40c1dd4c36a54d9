#!/bin/bash
# Disks that are missing, are no disks, or change size at the wrong moment: an error, never wrong bytes.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for i in missing directory fifo shrinks grows; do add_instance $i --disk 6M:dense; done
rm "$(disk_of missing)" "$(disk_of directory)" "$(disk_of fifo)"
mkdir "$(disk_of directory)"
mkfifo "$(disk_of fifo)"
add_hook node1 pre 90-resize "case \$GANETI_INSTANCE_NAME in
shrinks*) truncate -s 5M $(disk_of shrinks) ;;
grows*) truncate -s 7M $(disk_of grows) ;;
esac"
mount_cluster ''
for i in missing directory fifo; do
    check_fails "$i: an error" . timeout 20 cat "$(tar_of $i)"
    check_match "$i: status names the disk" "$(status_of $i)" "error: .*$i.example.com.disk0"
done
check_fails "shrinks: EIO" 'Input/output error' timeout 20 cat "$(tar_of shrinks)"
check_fails "grows: EIO, for the size was promised" 'Input/output error' timeout 20 cat "$(tar_of grows)"
soon "the next promise is the new size" eval '[ "$(stat -c %s "$(inst grows)/export/disk0.raw")" = 7340032 ]'
touch_export grows
check "and is kept" cp "$(tar_of grows)" "$TMPDIR/grows.tar"
check "right to the byte" same_image grows "$TMPDIR/grows.tar"
check_eq "nothing of the others" "$(ls -d "$C"/nodes/*/export/{missing,directory,fifo,shrinks}* 2>/dev/null || true)" ''
check "nothing staged" no_leftovers

#!/bin/bash
# DESIGN §3: st_blocks is truthful.  Spare blocks of one dump (allocated beyond its end) do not fill
# the holes of another in the tar.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 100M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export"
add_instance web1 --disk 4M:dense --disk 9M:hole-middle
mount_cluster ''
touch_export web1 node2
dumps=$TMPDIR/ext4/export/web1.example.com
data=$(($(stat -c %b "$dumps/disk0.raw") + $(stat -c %b "$dumps/disk1.raw")))
fallocate --keep-size -o 4M -l 6M "$dumps/disk0.raw"
check "more blocks than bytes" test $(($(stat -c %b "$dumps/disk0.raw") * 512)) -gt $((9 << 20))
soon "of the dump itself the truth" eval '[ $(stat -c %b "$M/nodes/node2.example.com/exports/web1.example.com/disk0.raw") = $(stat -c %b "'"$dumps"'/disk0.raw") ]'
for tar in "$(tar_of web1)" "$M/nodes/node2.example.com/images/web1.example.com.tar"; do
    # the data, and less than 1 MiB of headers
    soon "blocks of ${tar#"$M/"}" eval 'b=$(stat -c %b "$tar") && [ $b -ge '$data' ] && [ $b -lt '$((data + 2048))' ]'
done

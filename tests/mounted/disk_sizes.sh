#!/bin/bash
# timeout: 120
# Right to the byte for every size and shape of disk: holes at the start, in the middle, at the end.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
sizes='1 511 512 4095 4096 4097 65535 65536 1048576 1048577 3333333'
for s in $sizes; do add_instance "b$s" --disk "$s:dense"; done
for l in sparse hole-start hole-middle hole-end empty; do add_instance "l-$l" --disk "6M:$l"; done
for l in sparse hole-start hole-middle hole-end; do add_instance "o-$l" --disk "6291457:$l" --disk "12345:$l"; done
add_instance zero --disk 0:empty
mount_cluster max_jobs=2
for i in "$M"/instances/*; do
    name=$(basename "$i" .example.com)
    size=$(stat -c %s "$(tar_of "$name")")
    check "$name: cp" cp "$(tar_of "$name")" "$TMPDIR/x.tar"
    check "$name: right to the byte" same_image "$name" "$TMPDIR/x.tar"
    check_eq "$name: of the size that was promised" "$(stat -c %s "$TMPDIR/x.tar")" "$size"
    check "$name: the directory too" same_directory "$name" "$i/export"
done

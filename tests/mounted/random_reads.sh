#!/bin/bash
# dd and pread at random offsets, while the copy runs and after, against the dump itself.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 24M --disk 1000001:dense
mount_cluster ''
for j in 0 1; do
    check "random preads of disk$j in four threads" \
        python3 "$image_py" reads "$(inst web1)/export/disk$j.raw" "$(disk_of web1 $j)" 100
done
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "random preads of the tar" python3 "$image_py" reads "$(tar_of web1)" "$TMPDIR/web1.tar" 100
RANDOM=42
for i in $(seq 12); do
    skip=$((RANDOM * 771 % 25000000))
    for flags in '' direct; do
        dd if="$(inst web1)/export/disk0.raw" bs=4096 skip=$((skip / 4096)) count=33 status=none \
            ${flags:+iflag=$flags} >"$TMPDIR/seen"
        dd if="$(disk_of web1)" bs=4096 skip=$((skip / 4096)) count=33 status=none >"$TMPDIR/wanted"
        check "dd ${flags:-buffered} $i from $((skip / 4096))" cmp "$TMPDIR/seen" "$TMPDIR/wanted"
    done
done
check_eq "all from one export" "$(runs)" 1

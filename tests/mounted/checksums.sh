#!/bin/bash
# XXH128SUMS: what xxhsum -c checks; a published copy that was damaged is found by it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 3M:dense --disk 100 --disk 2M:empty
mount_cluster ''
cp -r "$(inst web1)/export" "$TMPDIR/web1"
check_eq "one line for every file but itself" "$(awk '{ print $2 }' "$TMPDIR/web1/XXH128SUMS")" \
    $'config.ini\ndisk0.raw\ndisk1.raw\ndisk2.raw'
check_eq "as xxhsum writes them" "$(cat "$TMPDIR/web1/XXH128SUMS")" \
    "$(cd "$TMPDIR/web1" && xxhsum -H2 config.ini disk0.raw disk1.raw disk2.raw 2>/dev/null)"
check_eq "the size is promised, too" "$(stat -c %s "$TMPDIR/web1/XXH128SUMS")" "$(stat -c %s "$(inst web1)/export/XXH128SUMS")"
printf flipped | dd of="$TMPDIR/web1/disk0.raw" bs=1 seek=12345 conv=notrunc status=none
check_fails "a flipped byte is found" 'disk0.raw' sh -c "cd '$TMPDIR/web1' && xxhsum -c XXH128SUMS 2>&1"

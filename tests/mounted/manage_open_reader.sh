#!/bin/bash
# -o manage: who has a copy open, as a tar, as a file of it, or as the instance's image, reads on to the end
# when it is removed; who stands in its directory finds nothing there, and others the next export.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 20M:dense
mount_cluster manage
N2=$M/nodes/node2.example.com
touch_export web1 node2
cp "$(tar_of web1)" "$TMPDIR/before.tar"
cp "$(disk_of web1)" "$TMPDIR/disk"
exec 3<"$N2/images/web1.example.com.tar" 4<"$N2/exports/web1.example.com/disk0.raw" 5<"$(tar_of web1)"
for fd in 3 4 5; do head -c 100000 <&$fd >"$TMPDIR/part$fd"; done
(cd "$N2/exports/web1.example.com" && : >"$TMPDIR/inside" && wait_until 60 test -e "$TMPDIR/leave" && ls >"$TMPDIR/listing" 2>&1) & inside=$!
wait_until 20 test -e "$TMPDIR/inside"
check "rm -r" rm -r "$N2/exports/web1.example.com"
soon "the job ends" idle
check_eq "nothing is left on the node" "$(ls -A "$(exports_of node2)")" ''
for fd in 3 4 5; do cat <&$fd >>"$TMPDIR/part$fd"; done
check "the tar was read to its end" cmp "$TMPDIR/part3" "$TMPDIR/before.tar"
check "the file" cmp "$TMPDIR/part4" "$TMPDIR/disk"
check "the image" cmp "$TMPDIR/part5" "$TMPDIR/before.tar"
exec 3<&- 4<&- 5<&-
touch_export web1 node2
check "the next export is shown in its place" cmp "$N2/exports/web1.example.com/disk0.raw" "$(disk_of web1)"
: >"$TMPDIR/leave"
wait $inside || true
check_no_match "not to who stands in the old one" "$(cat "$TMPDIR/listing")" 'disk0|config'
check_eq "it has all its files" "$(LC_ALL=C ls "$N2/exports/web1.example.com")" $'XXH128SUMS\nconfig.ini\ndisk0.raw'

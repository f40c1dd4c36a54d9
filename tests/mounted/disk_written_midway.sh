#!/bin/bash
# Somebody writes to the disk of a stopped instance while it is copied: no export of two moments.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 64M:dense --disk 1M:dense
mount_cluster ''
touch_export web1
before=$(cd "$C"/nodes/*/export/web1.example.com && cat XXH128SUMS)
write() { printf x | dd of="$(disk_of web1)" conv=notrunc bs=1 seek=$((63 << 20)) status=none; }
(while [ ! -e "$TMPDIR/stop" ]; do write; done) & writer=$!
touch "$(tar_of web1)"
soon "the run is over" idle
: >"$TMPDIR/stop"
wait $writer
check_match "it failed, and status says why" "$(status_of web1)" 'error: .*disk0 was written to while it was copied'
check_eq "the export of before is still there" "$(cd "$C"/nodes/*/export/web1.example.com && cat XXH128SUMS)" "$before"
check "whole" eval '(cd "$C"/nodes/*/export/web1.example.com && xxhsum -c --quiet XXH128SUMS)'
check "nothing staged" no_leftovers
touch_export web1
cat "$(tar_of web1)" >"$TMPDIR/web1.tar"
check "afterwards it works" same_image web1 "$TMPDIR/web1.tar"

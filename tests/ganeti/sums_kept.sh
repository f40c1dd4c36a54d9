#!/bin/bash
# timeout: 90
# XXH128SUMS of an export that Ganeti made come with its first full read, and are kept: the next
# mount has them without reading it again.
. "$(dirname "$0")/../lib/ganeti.sh"
need big1
need_export big1 4
mount_cluster max_age=100000
check "the export is seen" wait_until 30 test -e "$(node_export big1 4)/config.ini"
check "a full read" same_disk big1 0 "$(inst big1)/export/disk0.raw"
cp "$(inst big1)/export/XXH128SUMS" "$TMPDIR/sums"
wanted=$(disk_content big1 0 | xxhsum -H2 - | cut -d' ' -f1)
check_match "the sum is right" "$(cat "$TMPDIR/sums")" "$wanted +\*?disk0.raw"
unmount
mount_cluster max_age=100000
check "the export is seen" wait_until 30 test -e "$(node_export big1 4)/config.ini"
read_bytes() { sed -n 's/^rchar: //p' "/proc/${daemons[$M]}/io"; }
before=$(read_bytes)
check "another mount has the same" cmp "$TMPDIR/sums" "$(inst big1)/export/XXH128SUMS"
bytes=$(($(read_bytes) - before))
check "without reading it again ($bytes bytes)" test $bytes -lt 50000000
unmount
mount_cluster "max_age=100000,state_dir=$TMPDIR/other"
check "the export is seen" wait_until 30 test -e "$(node_export big1 4)/config.ini"
check "one that knows nothing makes the same" cmp "$TMPDIR/sums" "$(inst big1)/export/XXH128SUMS"

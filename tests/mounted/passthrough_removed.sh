#!/bin/bash
# A file that the kernel reads by itself is there until it is closed: replaced, removed, cut behind
# our back.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/passthrough.sh"
make_cluster
add_instance web1 --disk 2M:dense
mount_cluster manage
needs_passthrough
touch_export web1 node2
cp "$(disk_of web1)" "$TMPDIR/old"
there=$M/nodes/node2.example.com/exports/web1.example.com
exec 6<"$(inst web1)/export/disk0.raw" 7<"$(inst web1)/export/disk0.raw" 8<"$there/disk0.raw"
make_disk "$(disk_of web1)" 2M:dense other
touch_export web1
check_eq "a newer export is there" "$(runs)" 2
check "who has the old one open reads that" cmp - "$TMPDIR/old" <&6
check "a new one is the other" cmp "$(inst web1)/export/disk0.raw" "$(disk_of web1)"
exec 5<"$(inst web1)/export/disk0.raw"
check "the kernel reads both" eval 'passes 7 && passes 5'
check "removed" rm -r "$there"
soon "it is gone" eval "[ ! -e '$(exports_of node2)/web1.example.com' ]"
check "what was open is still read, the new one" cmp - "$(disk_of web1)" <&5
check "and the old one" cmp - "$TMPDIR/old" <&8
exec 5<&- 6<&- 7<&- 8<&-
touch_export web1
dump=$(ls "$C"/nodes/*/export/web1.example.com/disk0.raw)
exec 7<"$(inst web1)/export/disk0.raw"
truncate -s 1M "$dump"
check_fails "a cut dump cannot be opened below its node" 'Stale file handle\|Input/output error' \
    cat "$(ls "$M"/nodes/*/exports/web1.example.com/disk0.raw)"
check_eq "whoever has it open finds its end" "$(cat <&7 | wc -c)" 1048576
exec 7<&-

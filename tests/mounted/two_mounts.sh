#!/bin/bash
# Two mounts of one cluster, both reading at once: one export, both right, and it is fresh for both.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 5M:dense
add_gate
mount_cluster ''
other=$TMPDIR/mnt2
mount_cluster '' "$other"
check_eq "both promise the same" "$(cd "$M" && find images instances -type f -path '*export*' -printf '%p %s %T@ %i\n' | sort)" \
    "$(cd "$other" && find images instances -type f -path '*export*' -printf '%p %s %T@ %i\n' | sort)"
cp "$M/images/web1.example.com.tar" "$TMPDIR/1.tar" & first=$!
cp "$other/images/web1.example.com.tar" "$TMPDIR/2.tar" & second=$!
check "a run waits at the gate" wait_until 20 gate_reached
sleep 0.5
open_gate
check_wait "the first reader" $first
check_wait "the second reader" $second
check "right to the byte" same_image web1 "$TMPDIR/1.tar"
check "the same for both" cmp "$TMPDIR/1.tar" "$TMPDIR/2.tar"
check_eq "one run" "$(runs)" 1
check_eq "one export" "$(ls -d "$C"/nodes/*/export/web1.example.com | wc -l)" 1
for i in 1 2; do cat "$M/images/web1.example.com.tar" "$other/images/web1.example.com.tar" >/dev/null; done
check_eq "fresh for both" "$(runs)" 1
touch_export web1
soon "the other mount sees the newer one" eval \
    '[ "$(stat -c %Y "$M/images/web1.example.com.tar")" = "$(stat -c %Y "$other/images/web1.example.com.tar")" ]'
cp "$other/images/web1.example.com.tar" "$TMPDIR/3.tar"
check "and reads it" same_image web1 "$TMPDIR/3.tar"
check_eq "two runs in all" "$(runs)" 2

#!/bin/bash
# timeout: 120
# The disk of a stopped instance changes while readers follow its copy: no reader takes with success
# what was not published, and what lay there stays.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
follow=$LIB/follow.py
make_cluster
make_fs ext4 200M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export"
mount_cluster target_node=node2.example.com,retry_after=0
export=$TMPDIR/ext4/export/web1.example.com
add_instance web1 --disk 24M:dense --disk 1M:dense
disk=$(disk_of web1)
soon "web1 is there" test -e "$(tar_of web1)"
touch_export web1
old=$(cat "$export/XXH128SUMS")

written_above() { printf xyz | dd of="$disk" bs=1 seek=$((22 << 20)) conv=notrunc status=none; }
written_below() { printf xyz | dd of="$disk" bs=1 seek=$((2 << 20)) conv=notrunc status=none; }
zeroed() { dd if=/dev/zero of="$disk" bs=1M seek=20 count=2 conv=notrunc status=none; }
punched_below() { fallocate -p -o $((2 << 20)) -l 1M "$disk"; }
punched_above() { fallocate -p -o $((20 << 20)) -l 4M "$disk"; }
shrunk() { truncate -s 18M "$disk"; }
shrunk_and_grown() { truncate -s 18M "$disk" && truncate -s 24M "$disk"; }
grown() { truncate -s 30M "$disk"; }

declare -A reader
all_are_there() { status_of web1 | grep -q '^readers: 5$' && [ -e "$TMPDIR/read/holes" ]; }
for change in ${CHANGES:-written_above written_below zeroed punched_below punched_above shrunk shrunk_and_grown grown}; do
    make_disk "$disk" 24M:dense $change
    sleep 1.1 # the tree looks at it
    hold_copy_of web1
    touch "$(tar_of web1)"
    reader=()
    rm -rf "$TMPDIR/read" && mkdir "$TMPDIR/read"
    for order in forward backward mapped holes; do
        python3 "$follow" read "$(inst web1)/export/disk0.raw" "$TMPDIR/read/$order" $order 2>"$TMPDIR/read/$order.err" &
        reader[$order]=$!
    done
    cp "$(tar_of web1)" "$TMPDIR/read/cp" 2>"$TMPDIR/read/cp.err" & reader[cp]=$!
    check "$change: the copy has begun" cmp -n $((4 << 20)) "$(inst web1)/export/disk0.raw" "$disk"
    check "$change: all readers are there" wait_until 20 all_are_there
    $change
    release
    for r in "${!reader[@]}"; do
        if wait "${reader[$r]}"; then fail "$change: a reader ($r) took it with success"; else pass "$change: $r fails"; fi
    done
    soon "$change: the run is over" idle
    check_match "$change: status says why" "$(status_of web1)" 'error: .*(disk0|disk\(s\) 0)'
    check_eq "$change: what lay there is as it was" "$(cat "$export/XXH128SUMS")" "$old"
    check "$change: and whole" eval "cd '$export' && xxhsum -c --quiet XXH128SUMS"
    check "$change: nothing staged" eval '! find "$TMPDIR/ext4/export" -mindepth 1 -maxdepth 1 -name ".*" | grep .'
done

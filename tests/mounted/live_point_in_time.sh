#!/bin/bash
# timeout: 120
# A guest writes numbers into its disks, block after block, while it is exported again and again:
# every export of a disk is one moment of it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
guest=$LIB/guest.py
make_fs xfs 600M "$TMPDIR/xfs"
make_fs btrfs 400M "$TMPDIR/btrfs"
add_instance web1 --up --dir "$TMPDIR/xfs" --disk 2M:empty --disk 1M:empty
add_instance web2 --up --dir "$TMPDIR/btrfs" --disk 1M:empty
add_instance web3 --up --dir "$TMPDIR/xfs" --disk 1M:empty
for fs in xfs btrfs; do mkdir "$TMPDIR/$fs/export"; done
node_ini node2 "export_dir = $TMPDIR/xfs/export" # clones
node_ini node3 "export_dir = $TMPDIR/btrfs/export"
writers=()
start()
{
    truncate -s "$2" "$1"
    python3 "$guest" write "$1" "$3" "$TMPDIR/stop" >"$1.last" & writers+=($!)
}
start "$(disk_of web1)" 2M buffered
start "$(disk_of web1 1)" 1M sync
start "$(disk_of web2)" 1M direct
start "$(disk_of web3)" 1M buffered
mount_cluster max_age=0,linger=5,target_node=node2.example.com
last=-1
for round in 1 2 3 4 5 6; do
    mkdir "$TMPDIR/$round"
    touch "$(tar_of web1)" "$(tar_of web2)" "$M/nodes/node3.example.com/images/web3.example.com.tar"
    cp "$(inst web1)"/export/* "$TMPDIR/$round/" & pull=$!
    cp "$(tar_of web2)" "$TMPDIR/$round/web2.tar" & pull2=$!
    cp "$(tar_of web3)" "$TMPDIR/$round/web3.tar" & pull3=$!
    check_wait "round $round: pulled by files" $pull
    check_wait "round $round: pulled as tar" $pull2
    check_wait "round $round: pulled from a copy that is no clone" $pull3
    check "round $round: the files are of one export" eval "(cd '$TMPDIR/$round' && xxhsum -c --quiet XXH128SUMS)"
    seen=$(python3 "$guest" check "$TMPDIR/$round/disk0.raw" 2>&1) &&
        pass "round $round: one moment ($seen)" || fail "round $round: one moment" "$seen"
    check "round $round: it is later than the one before" test "$seen" -gt "$last"
    last=$seen
    check "round $round: of the second disk" python3 "$guest" check "$TMPDIR/$round/disk1.raw"
    for name in web2 web3; do
        tar -C "$TMPDIR/$round" -xf "$TMPDIR/$round/$name.tar"
        check "round $round: $name, O_DIRECT or copied" python3 "$guest" check "$TMPDIR/$round/$name.example.com/disk0.raw"
        check "round $round: its sums" eval "(cd '$TMPDIR/$round/$name.example.com' && xxhsum -c --quiet XXH128SUMS)"
    done
    wait_until 20 idle
done
for name in web1 web2 web3; do check "$name ran all the time" is_running $name; done
: >"$TMPDIR/stop"
wait "${writers[@]}"
check "the guest was not held up for good" test "$(cat "$(disk_of web1).last")" -gt "$last"

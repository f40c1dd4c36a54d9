#!/bin/bash
# timeout: 90
# DESIGN §2, freshness (b): tools that pause between two disks never get two exports mixed, also
# when an export counts as old at once and the guest goes on writing.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs xfs 400M "$TMPDIR/xfs"
add_instance web1 --up --dir "$TMPDIR/xfs" --disk 1M:empty --disk 1M:empty --disk 1M:empty
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
writers=()
for j in 0 1 2; do
    truncate -s 1M "$(disk_of web1 $j)"
    python3 "$LIB/guest.py" write "$(disk_of web1 $j)" buffered "$TMPDIR/stop" >/dev/null & writers+=($!)
done
mount_cluster max_age=0,linger=6,target_node=node2.example.com
# slow_tool DIRECTORY FILE...: one file after the other, with pauses of linger / 2
slow_tool()
{
    local to=$1 file
    shift
    mkdir "$to"
    for file; do
        cat "$(inst web1)/export/$file" >"$to/$file" || return
        sleep 3
    done
}
slow_tool "$TMPDIR/a" disk0.raw disk1.raw disk2.raw config.ini XXH128SUMS & a=$!
sleep 1
slow_tool "$TMPDIR/b" XXH128SUMS config.ini disk2.raw disk1.raw disk0.raw & b=$!
check_wait "one tool" $a
check_wait "another, in another order" $b
for tool in a b; do
    check "$tool: all files are of one export" eval "(cd '$TMPDIR/$tool' && xxhsum -c --quiet XXH128SUMS)"
done
check_eq "the same for both, made once" "$(runs)" 1
: >"$TMPDIR/stop"
wait "${writers[@]}"

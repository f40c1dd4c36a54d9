#!/bin/bash
# timeout: 600
# P7: the daemon's memory is the same for a small disk, for 10 TiB of nothing, and for 10 TiB with
# a million extents, cloned and copied, read and seeked everywhere.
. "$(dirname "$0")/../lib/cluster.sh"
big="$LIB/bigdisk.py"
extents=1000000
tib10=$((10 << 40))
make_cluster
make_fs xfs 4G "$TMPDIR/xfs"
mkdir "$TMPDIR"/xfs/{small,empty,many}
make_fs xfs 20G "$TMPDIR/other" # no clone from the other one
mkdir "$TMPDIR/xfs/export" "$TMPDIR/other/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
node_ini node3 "export_dir = $TMPDIR/other/export"
for name in small empty many; do
    add_instance $name --up --dir "$TMPDIR/xfs/$name" --disk 1M:empty
    add_instance $name-stopped --dir "$TMPDIR/xfs/$name" --disk 1M:empty
done
head -c 3000000 /dev/urandom >"$(disk_of small)"
truncate -s $tib10 "$(disk_of empty)"
python3 "$big" extents "$(disk_of many)" $tib10 "$extents"
for name in small empty many; do cp --reflink=always "$(disk_of $name)" "$(disk_of $name-stopped)"; done
check "there are that many extents" test "$(xfs_io -rc stat "$(disk_of many)" | sed -n 's/^fsxattr.nextents = //p')" -gt $((extents / 2))

# anonymous KiB of the daemon now
memory() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${daemons[$M]}/status"; }
declare -A seen
for name in small empty many; do
    mount_cluster ''
    touch "$M/nodes/node2.example.com/images/$name.example.com.tar"
    wait_until 200 eval "ls $TMPDIR/xfs/export/$name.example.com"
    for file in "$(inst $name)/export/disk0.raw" "$(tar_of $name)"; do
        python3 "$big" use "$file" 1.5 whole & user=$!
        python3 "$big" use "$file" 1.5 whole
        check_wait "$name: a clone, read everywhere: ${file##*/}" $user
    done
    set_params $name-stopped 'target_node = node3.example.com'
    python3 "$big" use "$(inst $name-stopped)/export/disk0.raw" 1.5 & user=$!
    python3 "$big" use "$(tar_of $name-stopped)" 1.5
    check_wait "$name: a copy, read and left" $user
    seen[$name]=$(memory)
    unmount
done
for name in empty many; do
    more=$((seen[$name] - seen[small]))
    check "$name: within 4 MiB of a small disk's (${seen[$name]} and ${seen[small]} KiB)" test ${more#-} -lt 4096
done

#!/bin/bash
# timeout: 120
# Readers follow a running export in every order: what they read is, byte for byte, what is published.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
follow=$LIB/follow.py
make_cluster
make_fs ext4 300M "$TMPDIR/ext4"
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR"/{ext4,xfs}/export
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
node_ini node3 "export_dir = $TMPDIR/xfs/export"  # clones what lies on xfs
add_instance rest --disk 30M:dense --disk 5000001:sparse
add_instance live --up --dir "$TMPDIR/xfs" --disk 12M:empty --disk 5000001:hole-end
dd if=/dev/zero of="$(disk_of rest)" bs=1M seek=21 count=2 conv=notrunc status=none # data, but zeros
mount_cluster max_age=60
python3 "$LIB/guest.py" write "$(disk_of live)" buffered "$TMPDIR/stop" >/dev/null & guest=$!

facts() { stat -c '%n %s %Y %Z' "$(disk_of rest)" "$(disk_of rest 1)"; xxhsum -H2 "$(disk_of rest)" "$(disk_of rest 1)"; }
before=$(facts)

# follow NAME: all kinds of readers, in the background
declare -A reader
follow()
{
    local order file=$TMPDIR/read
    reader=()
    rm -rf "$file" && mkdir "$file"
    for order in forward backward random mapped holes; do
        python3 "$follow" read "$(inst "$1")/export/disk0.raw" "$file/$order.disk0" $order & reader[$order.disk0]=$!
    done
    for order in backward holes; do
        python3 "$follow" read "$(inst "$1")/export/disk1.raw" "$file/$order.disk1" $order & reader[$order.disk1]=$!
    done
    cp --sparse=auto "$(inst "$1")/export/disk0.raw" "$file/cp.disk0" & reader[cp.disk0]=$!
    cat "$(tar_of "$1")" >"$file/cat.tar" & reader[cat.tar]=$!
    python3 "$follow" read "$(tar_of "$1")" "$file/random.tar" random & reader[random.tar]=$!
    cat "$(inst "$1")/export/XXH128SUMS" >"$file/cat.sums" & reader[cat.sums]=$!
}

# follow_end WHAT NAME NODE: all are equal to what lies there
follow_end()
{
    local r published
    published=$M/nodes/$3.example.com/exports/$2.example.com
    for r in "${!reader[@]}"; do
        check_wait "$1: $r is read" "${reader[$r]}"
    done
    soon "$1: the run is over" idle
    check "$1: what is published is whole" eval "cd '$published' && xxhsum -c --quiet XXH128SUMS"
    for r in "${!reader[@]}"; do
        case $r in
        *.disk0) check "$1: $r is what is published" cmp "$TMPDIR/read/$r" "$published/disk0.raw" ;;
        *.disk1) check "$1: $r is what is published" cmp "$TMPDIR/read/$r" "$published/disk1.raw" ;;
        *.sums) check "$1: $r is what is published" cmp "$TMPDIR/read/$r" "$published/XXH128SUMS" ;;
        *.tar) check "$1: $r is what is published" cmp "$TMPDIR/read/$r" "$M/nodes/$3.example.com/images/$2.example.com.tar" ;;
        esac
    done
}

export_to() { touch "$M/nodes/$2.example.com/images/$1.example.com.tar"; }
low() { cmp -n $((8 << 20)) "$(inst rest)/export/disk0.raw" "$(disk_of rest)"; }

hold_copy_of rest 0 15
export_to rest node2
follow rest
check "held: what is there already is read" low
check_match "held: it still copies" "$(status_of rest)" '^phase: copying disk/0'
for r in "${!reader[@]}"; do
    [ $r = holes.disk1 ] || check "held: $r waits" kill -0 "${reader[$r]}"
done
release
follow_end held rest node2
check "held: it is what the disk holds" same_image rest "$TMPDIR/read/cat.tar"

hold_in pwrite64 enter 8000
export_to rest node2
python3 "$follow" drop "$TMPDIR/ext4/export" "$TMPDIR/stop" & dropper=$!
follow rest
follow_end "slow, never in the page cache" rest node2
check_eq "the disks at rest are as they were" "$(facts)" "$before"

export_to live node2
follow live
follow_end "a copy of a snapshot, while the guest writes" live node2
check "the guest's writes: one moment" python3 "$LIB/guest.py" check "$TMPDIR/read/backward.disk0"
release

export_to live node3
follow live
follow_end "a clone, hashed later" live node3
check "the guest's writes: one moment again" python3 "$LIB/guest.py" check "$TMPDIR/read/mapped.disk0"
: >"$TMPDIR/stop"
wait $guest $dropper
check_eq "one run each time" "$(runs)" 4

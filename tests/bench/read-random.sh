#!/bin/bash
# timeout: 3600
# Random reads of 4 and 64 KiB by one and eight threads (fio) of a published disk of 1 GiB; of the
# dump itself, and through libfuse's own example passthrough_ll.  Cold: nothing in memory; hot: all
# of the file was read once before, and then also of a copy on an ext4 that keeps files in pages of
# 4 KiB, as FUSE does (data=journal; other ext4 keeps them in large folios).
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
command -v fio >/dev/null || skip "there is no fio"
published_cluster $((1 << 30))
example_of_dump
truncate -s 1200M "$TMPDIR/paged.img"
mkfs.ext4 -q "$TMPDIR/paged.img"
mkdir "$TMPDIR/paged"
mount -o loop,data=journal "$TMPDIR/paged.img" "$TMPDIR/paged"
cp "$dump" "$TMPDIR/paged/disk0.raw"
sync -f "$TMPDIR/paged/disk0.raw"
declare -A file=([disk]=$disk [dump]=$dump [example]=$example_disk [paged]=$TMPDIR/paged/disk0.raw)

reads() { python3 "$(dirname "$0")/random_reads.py" "$@"; } # FILE SIZE THREADS cold|hot
names=()
for what in disk dump example paged; do
    for size in 4k 64k; do
        for threads in 1 8; do
            for state in cold hot; do
                [ "$what-$state" = paged-cold ] || names+=("${what}_${size}_${threads}_$state")
            done
        done
    done
done
for ((round = 0; round < ROUNDS; round++)); do
    for name in $(shuf -e "${names[@]}"); do
        IFS=_ read -r what size threads state <<<"$name"
        cold "${file[@]}"
        sample "$name" "$(reads "${file[$what]}" "$size" "$threads" "$state")"
    done
done
end_example
umount "$TMPDIR/paged"
passthrough=
! grep -qx 'passthrough: yes' "$M/status" || passthrough=yes
for size in 4k 64k; do
    for threads in 1 8; do
        what="$size, $threads threads${passthrough:+, passthrough}"
        like=${size}_$threads
        compare "$what, hot" speed disk_${like}_hot dump_${like}_hot '>= 0.8'
        compare "$what, hot; passthrough_ll" speed disk_${like}_hot example_${like}_hot ''
        compare "$what, hot; pages of 4 KiB" speed disk_${like}_hot paged_${like}_hot ''
        if [ -n "${passthrough:-}" ]; then
            compare "$what, cold" speed disk_${like}_cold dump_${like}_cold '>= 0.95'
        else
            compare "$what, cold" speed disk_${like}_cold example_${like}_cold '>= 1'
            compare "$what, cold; the dump" speed disk_${like}_cold dump_${like}_cold ''
        fi
    done
done

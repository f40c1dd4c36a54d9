#!/bin/bash
# timeout: 3600
# Random reads of 4 and 64 KiB by one and eight threads (fio) of a published disk of 1 GiB; of the
# dump itself, and through libfuse's own example passthrough_ll.  Cold: nothing in memory; hot: all
# of the file was read once by whoever still has it open.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
command -v fio >/dev/null || skip "there is no fio"
example=/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c
[ -e $example ] || skip "there is no passthrough_ll.c"
gcc -O2 -D_GNU_SOURCE -o "$TMPDIR/passthrough_ll" $example -I"${example%/*}" $(pkg-config --cflags --libs fuse3) 2>/dev/null
make_cluster
dense_instance web1 $((1 << 30))
mount_cluster max_age=100000,target_node=node2
export_now web1 node2
dump=$(exports_of node2)/web1.example.com/disk0.raw
mkdir "$TMPDIR/pll"
"$TMPDIR/passthrough_ll" -f -o "source=${dump%/*},cache=always" "$TMPDIR/pll" & example_pid=$!
wait_until 20 test -e "$TMPDIR/pll/disk0.raw"
declare -A file=([disk]=$(inst web1)/export/disk0.raw [dump]=$dump [example]=$TMPDIR/pll/disk0.raw)

# Seconds for so many reads; hot, after all was read through the same handle.
reads() # FILE SIZE THREADS N hot|cold
{
    python3 "$(dirname "$0")/random_reads.py" "$@"
}
names=()
for what in disk dump example; do
    for size in 4k 64k; do
        for threads in 1 8; do
            for state in cold hot; do names+=("${what}_${size}_${threads}_$state"); done
        done
    done
done
for ((round = 0; round < ROUNDS; round++)); do
    for name in "${names[@]}"; do
        IFS=_ read -r what size threads state <<<"$name"
        cold "${file[@]}"
        sample "$name" "$(reads "${file[$what]}" "$size" "$threads" "$state")"
    done
done
kill $example_pid
wait $example_pid || true
for size in 4k 64k; do
    for threads in 1 8; do
        compare "$size, $threads threads, hot" speed disk_${size}_${threads}_hot dump_${size}_${threads}_hot '>= 0.8'
        compare "$size, $threads threads, cold" speed disk_${size}_${threads}_cold example_${size}_${threads}_cold '>= 1'
        compare "$size, $threads threads, cold; the dump" speed disk_${size}_${threads}_cold dump_${size}_${threads}_cold ''
    done
done

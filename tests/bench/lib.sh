# shellcheck shell=bash
# What the rows of `make bench` share; sourced by each, after the tests' library that it uses.
#
#     sample NAME VALUE         one measurement
#     in_rounds COMMAND...      each is timed ROUNDS times, all in each round, in any order; of COMMAND
#                               the function before_COMMAND, if there is one, makes ready, untimed
#     compare WHAT KIND OURS THEIRS TARGET
#                               how samples are judged by `run`, by the medians of their ratios; of
#                               several THEIRS (a,b,c) by the best of them:
#       time    ours / theirs, seconds          '<= 1.05'
#       speed   theirs / ours, seconds: how much faster ours is    '>= 0.9'
#       value   ours as it is, THEIRS is its unit                  '<= 64'
#     A TARGET of '' is for information.
# Samples go to the file $BENCH_OUT.

ROUNDS=${ROUNDS:-5}
BENCH_OUT=${BENCH_OUT:-$TMPDIR/bench}
row=$(basename "$0" .sh)

sample() { printf 'sample\t%s\t%s\t%s\n' "$row" "$1" "$2" >>"$BENCH_OUT"; }
compare() { printf 'compare\t%s\t%s\t%s\t%s\t%s\t%s\n' "$row" "$@" >>"$BENCH_OUT"; }

timed() # NAME COMMAND...
{
    local name=$1 begin end
    shift
    begin=$(date +%s%N)
    "$@" || { fail "$name: $*"; return 1; }
    end=$(date +%s%N)
    sample "$name" "$(printf '%d.%09d' $(((end - begin) / 1000000000)) $(((end - begin) % 1000000000)))"
}

in_rounds()
{
    local round command
    for ((round = 0; round < ROUNDS; round++)); do
        for command in $(shuf -e "$@"); do
            if declare -F "before_$command" >/dev/null; then "before_$command"; fi
            timed "$command" "$command"
        done
    done
}

# on_tmpfs: a directory in memory, so that no disk is measured; its files are removed by who made them.
on_tmpfs() { mkdir -p "$TMPDIR/memory" && mount -t tmpfs -o size=4G none "$TMPDIR/memory" && OUT=$TMPDIR/memory; }

# dense_file FILE BYTES: bytes that no file system can leave out, durable.
dense_file()
{
    { openssl enc -aes-128-ctr -pass pass:x -nosalt -pbkdf2 -iter 1 </dev/zero 2>/dev/null || true; } | head -c "$2" >"$1"
    sync -f "$1"
}

# cold FILE...: not in the page cache.  hot FILE...: wholly there.  settled: nothing waits to be written.
cold()
{
    local file
    for file; do dd if="$file" of=/dev/null iflag=nocache count=0 status=none; done
}
hot() { cat "$@" >/dev/null; }
settled() { sync -f "$TMPDIR"; }

# published NAME NODE: the inode of what is published, or nothing.
published() { stat -c %i "$(exports_of "$2")/$1.example.com/config.ini" 2>/dev/null || true; }

# export_now NAME NODE: a new export, from the touch until it is published and durable.
export_now()
{
    local before
    before=$(published "$1" "$2")
    touch "$(tar_of "$1")"
    while [ "$(published "$1" "$2")" = "$before" ]; do sleep 0.005; done
}

# dense_instance NAME BYTES [DIRECTORY]: one stopped instance with one dense disk.
dense_instance()
{
    add_instance "$1" --dir "${3:-$C/disks}" --disk 1M:empty
    dense_file "$(disk_of "$1")" "$2"
}

# dense_cluster BYTES OPTIONS: a mounted cluster of that instance, web1, and node 2 for its exports; $disk.
dense_cluster()
{
    make_cluster
    dense_instance web1 "$1"
    mount_cluster "$2,target_node=node2"
    disk=$(disk_of web1)
}

# published_cluster BYTES: the same, exported: $dump on the node, $disk and $tar in the mount.
published_cluster()
{
    dense_cluster "$1" max_age=100000
    export_now web1 node2
    dump=$(exports_of node2)/web1.example.com/disk0.raw
    disk=$(inst web1)/export/disk0.raw
    tar=$(tar_of web1)
}

# data_in_places FILE PLACES: 1 MiB in each 65 MiB.
data_in_places()
{
    local i
    dense_file "$TMPDIR/data" $((1 << 30))
    for ((i = 0; i < $2; i++)); do
        dd if="$TMPDIR/data" of="$1" bs=1M count=1 skip=$((i % 1024)) seek=$((i * 65)) conv=notrunc status=none
    done
    rm "$TMPDIR/data"
    sync -f "$1"
}

# Of the daemon: seconds of processor time so far; memory VmHWM|VmRSS: MiB, the most so far or now.
daemon_cpu() { awk '{ sub(/.*\) /, ""); print ($12 + $13) / 100 }' "/proc/${daemons[$M]}/stat"; }
memory() { awk "/^$1/ { print \$2 / 1024 }" "/proc/${daemons[$M]}/status"; }

# example_fs EXAMPLE OPTIONS MOUNTPOINT [EDIT]: one of libfuse's own examples, which do next to nothing
# by themselves; a measure of what FUSE costs.  EDIT: a sed script for its source.
example_fs()
{
    local source=/usr/share/doc/libfuse3-dev/examples/$1.c
    [ -e "$source" ] || skip "this machine has no $1.c"
    sed "${4:-}" "$source" >"$TMPDIR/$1.c"
    # shellcheck disable=SC2046  # words
    gcc -O2 -D_GNU_SOURCE -w -o "$TMPDIR/$1" "$TMPDIR/$1.c" -I"${source%/*}" $(pkg-config --cflags --libs fuse3)
    mkdir -p "$3"
    "$TMPDIR/$1" -f -o "$2" "$3" & example=$!
    wait_until 20 mountpoint -q "$3"
}
# example_of_dump: the same of passthrough_ll, over the dump of published_cluster: $example_disk.  The
# kernel reads as far ahead of it as of us.
example_of_dump()
{
    example_fs passthrough_ll "source=${dump%/*},cache=always" "$TMPDIR/example"
    cat "$(ahead_of "$M")" >"$(ahead_of "$TMPDIR/example")"
    example_disk=$TMPDIR/example/disk0.raw
}
ahead_of() { echo "/sys/class/bdi/$(mountpoint -d "$1")/read_ahead_kb"; }
end_example() { kill "$example" && wait "$example" || true; }

# on_one PID COMMAND...: both on the first processor.  Each request changes threads twice: there without
# waking another processor up.
on_one()
{
    taskset -apc 0 "$1" >/dev/null
    (taskset -pc 0 $BASHPID >/dev/null && "${@:2}")
    taskset -apc "0-$(($(nproc) - 1))" "$1" >/dev/null
}

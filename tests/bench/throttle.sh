#!/bin/bash
# timeout: 900
# How exactly -o bwlimit is kept: a dense disk of 512 MiB in memory at 100 MiB a second.  How polite
# copying is with the priorities that it has by default: the time of a fixed job, which computes and
# calls fsync on every processor, while an export of 512 MiB is made again and again, against the
# same while cp copies that disk, and sync makes it as safe, again and again.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
on_tmpfs
LIMIT=100 # MiB a second

# --- the limit ---

C=$OUT/c1
make_cluster
add_instance web1 --disk 512M:dense
mount_cluster "bwlimit=${LIMIT}M,max_age=0,linger=0"
limited()
{
    local begin end
    begin=$(date +%s%N)
    cp "$(inst web1)/export/disk0.raw" /dev/null
    end=$(date +%s%N)
    sample rate "$(awk -v ns=$((end - begin)) -v limit=$LIMIT 'BEGIN { print 512 * 1e9 / ns / limit }')"
    wait_until 60 idle
    rm -rf "$C"/nodes/*/export/* # else it is fresh
}
for ((round = 0; round < ROUNDS; round++)); do limited; done
unmount
rm -rf "$C"
compare "512 MiB at $LIMIT MiB/s: not more" value rate 'of the limit' '<= 1.02'
compare "512 MiB at $LIMIT MiB/s: not much less" value rate 'of the limit' '>= 0.9'

# --- politeness ---

C=$TMPDIR/c1
make_cluster
add_instance web1 --disk 512M:dense
mount_cluster max_age=0,linger=0
mount_cluster max_age=0,linger=0,nice=0,ioprio=none "$TMPDIR/equal"
one_job()
{
    python3 -c '
import hashlib, os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
block = bytes(1 << 20)
for i in range(150):
    for k in range(12):
        hashlib.sha256(block)
    os.pwrite(fd, block[:4096], 4096 * (i % 64))
    os.fsync(fd)
' "$TMPDIR/job.$1"
}
job()
{
    local i pids=()
    for ((i = 0; i < $(nproc); i++)); do
        one_job $i &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i" || return; done
}
again_and_again() # COMMAND: until `stop`
{
    rm -f "$TMPDIR/stop"
    while [ ! -e "$TMPDIR/stop" ]; do "$1"; done &
    copier=$!
}
copier=
stop()
{
    [ -z "$copier" ] || { : >"$TMPDIR/stop" && wait "$copier"; }
    copier=
}
export_it() { touch "$(tar_of web1)" && wait_until 120 idle; }
export_as_equal() { M=$TMPDIR/equal export_it; }
copy_it() { cp "$(disk_of web1)" "$TMPDIR/copy" && sync "$TMPDIR/copy" && rm "$TMPDIR/copy"; }
before_beside_export() { stop && again_and_again export_it; }
beside_export() { job; }
before_beside_cp() { stop && again_and_again copy_it; }
beside_cp() { job; }
before_beside_equal() { stop && again_and_again export_as_equal; }
beside_equal() { job; }
before_alone() { stop; }
alone() { job; }

in_rounds beside_export beside_cp beside_equal alone
stop
compare 'a job beside an export, beside cp' time beside_export beside_cp '<= 1.0'
compare 'beside an export, beside one with nice=0,ioprio=none' time beside_export beside_equal ''
compare 'the job alone, beside an export' time alone beside_export ''

#!/bin/bash
# A node's file server stops answering while two hundred read and open what lies there: they wait,
# each can be interrupted or killed, or is told after -o stall; everything else goes on, exports and
# readers of other nodes too; and all is well as soon as the server answers.
# timeout: 180
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
add_instance far --disk 3M:dense
add_instance near --disk 3M:dense
add_instance new --disk 2M:dense
serve_node node2
mount_cluster stall=45
touch_export far node2
touch_export near node3
F=$M/nodes/node2.example.com
FD=$F/exports/far.example.com/disk0.raw
check "what is served is read" same_image far "$(tar_of far)"
check "also as it lies there" cmp "$FD" "$(disk_of far)"
check "as a tar" same_image far "$F/images/far.example.com.tar"
exec 6<"$FD" 7<"$(tar_of far)" 8<"$FD" 9<"$F/images/far.example.com.tar"
: "$(head -c 1 <&7 | wc -c)" "$(head -c 1 <&8 | wc -c)" "$(head -c 1 <&9 | wc -c)"

set_params new 'target_node = node3.example.com'
stop_server node2
readers=()
start() # COMMAND...: in the background, stops being interrupted by nobody
{
    "$@" >/dev/null 2>>"$TMPDIR/errors" 6<&- 7<&- 8<&- 9<&- &
    readers+=($!)
}
set -m
for i in $(seq 50); do
    start cat "$(tar_of far)"
    start cat "$FD"
    start dd if="$F/images/far.example.com.tar" bs=64k
    start dd bs=4k skip=$i if="$(inst far)/export/disk0.raw" iflag=skip_bytes
done
set +m
# A page of a mapping each: those the kernel waits for on its own.
python3 - "$FD" <<'END' 2>>"$TMPDIR/errors" & mapper=$!
import mmap, os, sys, threading
def touch(page):
    fd = os.open(sys.argv[1], os.O_RDONLY)
    return mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ)[page * 4096]
fds = [threading.Thread(target=touch, args=(8 * page,)) for page in range(90)]
for t in fds:
    t.start()
END
for fd in 7 8 9; do cat <&$fd >/dev/null 2>>"$TMPDIR/errors" & readers+=($!); done
sleep 2
blocked() { kill -0 "${readers[@]}"; }
check "all of them wait" blocked

# --- everybody else ---
check "ls -lR of all there is" timeout 10 ls -lR "$M/instances" "$M/images" "$M/nodes/node1.example.com" "$M/nodes/node3.example.com"
check "of that node, too" timeout 10 bash -c "ls -lR $F; true"
check "stat of what hangs" timeout 5 stat "$(tar_of far)" "$(inst far)/export/disk0.raw"
check "status" timeout 5 cat "$M/status" "$F/status" "$(inst far)/status"
check "df" timeout 5 df "$M"
timeout 20 cat "$(tar_of near)" >"$TMPDIR/near.tar"
check "an image on another node is read" same_image near "$TMPDIR/near.tar"
timeout 30 cat "$(tar_of new)" >"$TMPDIR/new.tar"
check "an export to another node is made and read" same_image new "$TMPDIR/new.tar"
check "touch goes on" touch_export near node3
# Seeks of one file come one after the other, and nobody can interrupt them: they must not add up.
seek_all()
{
    local pids=() p
    for _ in $(seq 30); do python3 -c "import os; print(os.lseek(6, 5, os.SEEK_DATA))" & pids+=($!); done
    for p in "${pids[@]}"; do wait "$p" || return; done
}
check "thirty seeks in it are answered" timeout 20 bash -c "$(declare -f seek_all); seek_all"
threads=$(ls /proc/${daemons[$M]}/task | wc -l)
check "few threads wait for the node ($threads in all)" [ "$threads" -lt 60 ]
soon "the node is shown as unreachable" grep -q '^state: unreachable' "$F/status"
check "and who still opens is told at once" eval "! timeout 5 cat '$FD' 2>/dev/null"

# --- those who wait ---
gone() { ! kill -0 "$@" 2>/dev/null; }
all_gone() { local r; for r in "${readers[@]}"; do gone "$r" || return; done; }
kill -KILL "${readers[0]}" "${readers[1]}"
kill -INT "${readers[2]}" "${readers[3]}"
kill -TERM "${readers[4]}" "${readers[5]}"
for i in 0 1 2 3 4 5; do check "reader $i can be ended" wait_until 10 gone "${readers[$i]}"; done
kill -KILL $mapper
check "so can who waits for pages" wait_until 10 gone $mapper
check "the others are told after the stall" wait_until 90 all_gone
check_match "with a reason" "$(cat "$TMPDIR/errors")" 'timed out|no route to host'
check "everything else still goes on" timeout 10 ls -lR "$M/instances" "$M/images"

# --- it is back ---
for i in $(seq 20); do cat "$FD" >/dev/null 2>&1 & done
continue_server node2
soon "the node is back" grep -q '^state: online' "$F/status"
soon "its exports are there" test -e "$FD"
cat "$(tar_of far)" >"$TMPDIR/far.tar"
check "the image is read as before" same_image far "$TMPDIR/far.tar"
check "also as it lies there, after it hung" cmp "$FD" "$(disk_of far)"
check "nobody exported it again" [ "$(grep -c far "$RUNS")" = 1 ]
exec 6<&- 7<&- 8<&- 9<&-

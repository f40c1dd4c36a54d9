#!/bin/bash
# timeout: 180
# P5: writers to a node that hangs, named or chosen by the rule, before the mount knows of it and
# after, hold up nobody else; they end when they are killed, if only after `stall`, for who closes waits
# for a check that hangs as well; and the mount can be taken away.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:dense
serve_node node3
mount_cluster target_node=node3.example.com,stall=10
pull web1
begin() { exec python3 - "$1" "$TMPDIR/$2" <<'PY'
import os, sys, time
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.write(fd, bytes(100000))
os.rename(sys.argv[2] + ".wait", sys.argv[2] + ".begun")
while not os.path.exists(sys.argv[2] + ".go"):
    time.sleep(0.1)
os.rename(sys.argv[2] + ".begun", sys.argv[2] + ".again")
os.write(fd, bytes(100000))
PY
}
pids=()
writers()
{
    for n in $(seq 40); do
        : >"$TMPDIR/$1$n.wait"
        begin "$2.part$n" "$1$n" & pids+=($!)
    done
}
writers named "$(node_tar web1 3)"
writers rule "$M/images/web1.example.com.tar"
count() { [ "$(find "$TMPDIR" -maxdepth 1 -name "*.$1" | wc -l)" = 80 ]; }
check "all have begun" wait_until 30 count begun
stop_server node3
for n in $(seq 40); do : >"$TMPDIR/rule$n.go"; done
soon "those by the rule write on" eval '[ "$(find "$TMPDIR" -maxdepth 1 -name "*.again" | wc -l)" = 40 ]'
others() { timeout 20 cat "$M/status" "$(inst web1)/status" && timeout 20 cmp "$TMPDIR/web1.tar" "$(node_tar web1 2)"; }
check "others are served" others
check "the mount learns that the node hangs" wait_until 60 grep -q '^state: unreachable' "$M/nodes/node3.example.com/status"
for n in $(seq 40); do : >"$TMPDIR/named$n.go"; done
soon "the others write on" count again
check "others are served" others
kill -9 "${pids[@]}"
ended() { for pid in "${pids[@]}"; do ! kill -0 "$pid" || return 1; done; }
check "writers can be killed" wait_until 40 ended
check "others are served" others
check "the mount can be taken away" timeout 60 umount "$M"
continue_server node3
check_wait "the daemon ends well, at the latest when the server answers" "${daemons[$M]}"
unset "daemons[$M]"

#!/bin/bash
# timeout: 150
# Recovery that waits for a node that hangs, or hashes, holds up no other: every instance runs again
# at once, and what lies elsewhere is put in order.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs xfs 320M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node3 "export_dir = $TMPDIR/xfs/export"
for name in a1 b1 c1; do add_instance $name --up --disk 2M:dense; done
add_instance clone1 --up --dir "$TMPDIR/xfs" --disk 2M:dense
OPTIONS=shutdown,max_jobs=4,stall=5
staged() { find "$(exports_of "$1")" -mindepth 1 -maxdepth 1 -name '.*'; }

mount_cluster "$OPTIONS"
for name in a1 b1 c1; do set_params $name 'long_sleep = True'; done
hold_in fadvise64
touch "$M/nodes/node2.example.com/images/a1.example.com.tar" "$M"/nodes/node1.example.com/images/{b1,c1}.example.com.tar
touch "$M/nodes/node3.example.com/images/clone1.example.com.tar"
for name in a1 b1 c1; do check "$name: held in its copy" wait_until 20 in_phase $name copying; done
check "clone1: held in hashing what is published" wait_until 20 in_phase clone1 hashing

# another mount, which lives; node2 hangs for it from now on
killed=$M tracer1=$tracer
M=$TMPDIR/other
mount_cluster "$OPTIONS"
hold_at=$(exports_of node2) hold_in openat
M=$killed tracer=$tracer1 die
M=$TMPDIR/other
soon "all run again" eval 'is_running a1 && is_running b1 && is_running c1'
soon "what lies on other nodes is put in order" eval '[ "$(noted)" = a1.example.com ]'
check_eq "nothing is staged there" "$(staged node1)" ''
check "with checksums" eval '(cd "$TMPDIR/xfs/export/clone1.example.com" && xxhsum -c --quiet XXH128SUMS)'
check_match "the one that waits is told" "$(status_of a1)" '^recovery: .*node2.example.com: '
soon "the node is known to hang" grep -q '^state: unreachable' "$M/nodes/node2.example.com/status"
check "an export of another instance works" eval 'touch "$M/nodes/node1.example.com/images/b1.example.com.tar"; wait_until 40 idle'
check_match "indeed" "$(status_of b1)" '^job_state: success'
release
soon "the node answers: nothing is noted" eval '[ -z "$(noted)" ]'
check_eq "nothing is staged" "$(staged node2)" ''

# hashing: whoever hashes is held in it from the start
hold_in fadvise64
touch "$M/nodes/node3.example.com/images/clone1.example.com.tar" "$M/nodes/node2.example.com/images/c1.example.com.tar"
check "held in hashing" wait_until 20 in_phase clone1 hashing
check "and in a copy" wait_until 20 in_phase c1 copying
die
free=$GNT
# (no search for leaks, which cannot be made of a process that is traced)
printf '#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec strace -D -f -qq -o /dev/null -e trace=fadvise64 -e inject=fadvise64:delay_enter=90000000 %s "$@"\n' \
    "$GNT" >"$TMPDIR/held"
chmod +x "$TMPDIR/held"
GNT=$TMPDIR/held
mount_cluster "$OPTIONS"
soon "what does not wait for hashing is in order" eval '[ "$(noted)" = clone1.example.com ]'
check "c1 runs" is_running c1
soon "it is told what is under way" eval 'status_of clone1 | grep "^recovery: checksums are to be added on node3.example.com: being put in order"'
check_match "the lock of its instance is shared" "$(cat "$M/status")" '^lock: instance/clone1.example.com shared held by clearing'
# it ends without its hashing; the last thread is strace's to let go
pid=${daemons[$M]}
tracer=$(sed -n 's/^TracerPid:[^0-9]*//p' "/proc/$pid/status")
unset "daemons[$M]"
umount "$M"
check "unmounting does not wait for it" wait_until 30 grep -q '^State:.*Z' "/proc/$pid/status"
kill -9 "$tracer"
check_wait "the daemon ends well" "$pid"
GNT=$free
mount_cluster "$OPTIONS"
soon "cut short by unmounting, the next mount hashes it" eval '[ -z "$(noted)" ]'
check "right" eval '(cd "$TMPDIR/xfs/export/clone1.example.com" && xxhsum -c --quiet XXH128SUMS)'

#!/bin/bash
# Whoever opens a node in whatever order, while its export runs and afterwards, mapped or not: no
# open and no mapping fails, and all see the same bytes.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/passthrough.sh"
make_cluster
add_instance web1 --disk 3M:dense
mount_cluster ''
needs_passthrough
disk=$(inst web1)/export/disk0.raw
bytes=$(python3 -c 'import sys; b = open(sys.argv[1], "rb").read(); print(b[0]); print(b[4097])' "$(disk_of web1)")
holders=()
# hold NAME HOW: in the background, until let_go NAME
hold()
{
    rm -f "$TMPDIR/$1.go" && mkfifo "$TMPDIR/$1.go"
    python3 "$passthrough_py" held_by "$disk" "$2" <"$TMPDIR/$1.go" >"$TMPDIR/$1.out" 2>&1 & holders+=($!)
    eval "pid_$1=$!"
    eval "exec {go_$1}>\"$TMPDIR/$1.go\""
}
followed() { status_of web1 | grep -q "^readers: 1$"; }
has_read() { [ -s "$TMPDIR/$1.out" ]; }
let_go()
{
    local go=go_$1 pid=pid_$1
    echo >&"${!go}"
    eval "exec {$go}>&-"
    wait "${!pid}" || true
    check_eq "$1 has read what is there" "$(cat "$TMPDIR/$1.out")" "$bytes"
}
for how in none shared private; do
    add_gate
    touch "$(tar_of web1)"
    check "a run waits at the gate" wait_until 20 gate_reached
    inode=$(stat -c %i "$disk")
    hold follower $how
    soon "it is followed" followed
    open_gate
    soon "the follower ($how) reads" has_read follower
    check "the run ends" wait_until 40 idle
    rm "$TMPDIR"/gate.* "$(node_dir node1)/hooks/instance-export-pre.d/50-gate"
    hold after none
    hold mapped shared
    hold privately private
    for name in after mapped privately; do soon "$name reads beside it" has_read $name; done
    exec 7<"$disk"
    check "the kernel reads none of them by itself" comes_here 7
    let_go follower
    exec 6<"$disk"
    check "nor do others, as long as one of them is open" comes_here 6
    exec 6<&- 7<&-
    for name in after mapped privately; do let_go $name; done
    passes_now() { local status=0; exec 7<"$disk"; passes 7 || status=$?; exec 7<&-; return $status; }
    soon "then it does" passes_now
    hold after none
    hold mapped shared
    hold privately private
    for name in after mapped privately; do soon "$name reads" has_read $name; done
    exec 7<"$disk"
    check "the kernel does, for all of them" passes 7
    check "O_DIRECT goes with it, wherever it begins" \
        dd if="$disk" of=/dev/null bs=777 count=3 iflag=direct
    check "every call that reads" python3 "$passthrough_py" all_ways "$disk" "$(disk_of web1)"
    exec 7<&-
    for name in after mapped privately; do let_go $name; done
    check_eq "it is the same file" "$(stat -c %i "$disk")" "$inode"
done

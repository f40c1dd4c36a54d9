#!/bin/bash
# timeout: 120
# The thread that copies is nice and has idle I/O priority, and no other: not those that answer the
# kernel, nor the one that runs the hooks.
. "$(dirname "$0")/../lib/cluster.sh"
command -v ionice >/dev/null || skip "ionice is not installed"
[ "$(nice)" -lt 3 ] || skip "everything here is nice"
make_cluster
add_instance web1 --disk 3M:dense
add_hook node1 pre 60-nice "nice >$TMPDIR/pre"
add_hook node1 post 60-nice "nice >$TMPDIR/post; ionice -p \$\$ >$TMPDIR/post.io"

# The threads that there are: nice value (0: as the test's own), "idle" or "-", how many if lowered.
threads()
{
    local task nice
    for task in "/proc/${daemons[$M]}/task"/*; do
        nice=$(sed 's/.*) //' "$task/stat" | cut -d ' ' -f 17)
        [ "$nice" != "$(nice)" ] || nice=0
        echo "$nice $(ionice -p "${task##*/}" | grep -ox idle || echo -)"
    done | sort | uniq -c | awk '{ print $2, $3 ($2 == 0 && $3 == "-" ? "" : " x" $1) }'
}
copying() { status_of web1 | grep -q '^phase: copying'; }

# seen WHAT OPTIONS THREADS
seen()
{
    rm -rf "$TMPDIR"/p* "$C"/nodes/*/export/*
    mount_cluster "bwlimit=1${2:+,$2}"
    check_eq "$1: before" "$(threads)" '0 -'
    touch "$(tar_of web1)"
    check "$1: it copies" wait_until 30 copying
    check_eq "$1: while it copies" "$(threads)" "$3"
    echo 'bwlimit = 0' >"$M/params"
    check "$1: it ends" wait_until 30 idle
    check_eq "$1: afterwards" "$(threads)" '0 -'
    check_eq "$1: the hooks" "$(cat "$TMPDIR"/{pre,post}) $(grep -c idle "$TMPDIR/post.io" || true)" "$(nice)"$'\n'"$(nice) 0"
    unmount
}

seen "by default" '' $'0 -\n10 idle x1'
seen "as asked for" nice=3 $'0 -\n3 idle x1'
seen "only I/O" nice=0 $'0 -\n0 idle x1'
seen "only nice" nice=19,ioprio=none $'0 -\n19 - x1'
seen "neither" nice=0,ioprio=none '0 -'

# shellcheck shell=bash
# Crashes of the machine during an export (tests/crash).  Sourced after cluster.sh.
CRASH=$LIB/../crash/crash_states.py
crash_options=()
unset SLOW # a thousand states are recovered

# record COMMAND...: what the daemon of $M does to the file system meanwhile.  What strace is to do
# to it besides is in crash_strace.
record()
{
    local strace tracer node
    crash_options=(--cluster "$C" --daemon "$GNT" --work "$TMPDIR/crashed")
    for node in node1 node2 node3; do
        crash_options+=(--node "$node.example.com=$(realpath "${crash_exports[$node]:-$(exports_of $node)}")")
    done
    python3 "$CRASH" look "$TMPDIR/before" "${crash_options[@]}"
    mapfile -t strace < <(cd "$LIB/../crash" && python3 -c 'import strace_log; print(*strace_log.STRACE, sep="\n")')
    "${strace[@]}" "${crash_strace[@]}" -p "${daemons[$M]}" -o "$TMPDIR/log" 2>"$TMPDIR/strace" & tracer=$!
    wait_until 10 eval 'grep -q "^TracerPid:[^0-9]*[1-9]" /proc/${daemons[$M]}/status' ||
        skip "cannot trace here: $(cat "$TMPDIR/strace")"
    "$@"
    kill "$tracer"
    wait "$tracer" || true
}
crash_strace=()
declare -A crash_exports=() # node -> EXPORT_DIR where it is not the default

# crash_check WHAT OPTION...: of every state that a crash may have left; says how many.
crash_check()
{
    local what=$1 seen
    shift
    if seen=$(python3 "$CRASH" check "$TMPDIR/before" "$TMPDIR/log" "${crash_options[@]}" "$@" 2>&1); then
        pass "$what ($(tail -1 <<<"$seen"))"
    else
        fail "$what" "$seen"
    fi
    sed 's/^/# /' <<<"$seen"
}

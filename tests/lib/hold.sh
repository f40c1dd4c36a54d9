# shellcheck shell=bash
# Holds the daemon of $M at a system call.  Sourced after cluster.sh.

# hold_in SYSCALL,... [enter|exit [MICROSECONDS [WHEN]]]: whichever of its threads comes to it stays
# there for so long (a minute and a half), or until release or the daemon's end.  WHEN: at which of
# its calls (20+: from a thread's twentieth on).
hold_in()
{
    strace -qq -f -p "${daemons[$M]}" -o /dev/null -e "trace=$1" \
        -e "inject=$1:delay_${2:-enter}=${3:-90000000}${4:+:when=$4}" 2>"$TMPDIR/strace" & tracer=$!
    wait_until 10 eval 'grep -q "^TracerPid:[^0-9]*[1-9]" /proc/${daemons[$M]}/status' ||
        skip "cannot trace here: $(cat "$TMPDIR/strace")"
}

release()
{
    kill "$tracer"
    wait "$tracer" || true
}

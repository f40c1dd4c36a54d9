# shellcheck shell=bash
# Holds the daemon of $M at a system call.  Sourced after cluster.sh.

# hold_in SYSCALL,... [enter|exit [MICROSECONDS [WHEN]]]: whichever of its threads comes to it stays
# there for so long (a minute and a half), or until release or the daemon's end.  WHEN: at which of
# its calls (20+: from a thread's twentieth on).  With hold_at='PATH ...' only at calls that name one
# of them, by a descriptor or otherwise.
hold_in()
{
    local path at=()
    for path in ${hold_at:-}; do at+=(-P "$path"); done
    strace -qq -f ${at[@]+"${at[@]}"} -p "${daemons[$M]}" -o /dev/null -e "trace=$1" \
        -e "inject=$1:delay_${2:-enter}=${3:-90000000}${4:+:when=$4}" 2>"$TMPDIR/strace" & tracer=$!
    wait_until 10 eval 'grep -q "^TracerPid:[^0-9]*[1-9]" /proc/${daemons[$M]}/status' ||
        skip "cannot trace here: $(cat "$TMPDIR/strace")"
}

# hold_copy_of NAME [DISK [MIB]]: copies of the disk of a stopped instance, when so many MiB (10) of
# its data were read.
hold_copy_of() { hold_at=$(disk_of "$1" "${2:-0}") hold_in pread64 enter '' $((${3:-10} * 4 + 1))+; }

release()
{
    kill "$tracer"
    wait "$tracer" || true
}

# die: the daemon of $M, wherever it is, and who holds it.
die()
{
    kill -9 "${daemons[$M]}" ${tracer:+"$tracer"}
    wait "${daemons[$M]}" ${tracer:+"$tracer"} 2>/dev/null || true
    tracer=
    unset "daemons[$M]"
    umount -l "$M"
}

# What the journal says: the names noted; is NAME's export in STATE, its job in PHASE?
noted() { ls "$C/state/journal"; }
in_journal() { status_of "$1" | grep -q "^journal: $2"; }
in_phase() { status_of "$1" | grep -q "^phase: $2"; }

# shellcheck shell=bash
# Readers that are interrupted while their export is at a certain stage.
#
#   interrupt_at STAGE
#
# Five tools, each by Ctrl-C, SIGTERM, SIGKILL, and Ctrl-Z (also SIGSTOP) with a continue; each reads
# an instance of its own, which runs and has to be stopped for its copy.  A test sources cluster.sh
# and this, calls make_readers_cluster, mounts, and defines
#   at_stage NAME   the run of NAME is at the stage (and stays there)
#   let_go          lets the runs go on (by itself after hold_in, tests/lib/hold.sh)
#   may_publish     optional: at this stage the run may rightly end well
. "$LIB/hold.sh"
TOOLS=(cp rsync cat tar python)
SIGNALS=(INT TERM KILL TSTP STOP)
declare -A reader=()

may_publish() { false; }

# make_readers_cluster [DIRECTORY OF DISKS]
make_readers_cluster()
{
    local tool signal
    make_cluster
    for tool in "${TOOLS[@]}"; do
        for signal in "${SIGNALS[@]}"; do
            add_instance "$tool-${signal,,}" --up ${1:+--dir "$1"} --disk 300000:dense --disk 5000:dense
        done
    done
    cp -r "$C/state/fake" "$TMPDIR/fake"
}

MOUNT_READERS=shutdown,max_jobs=60,linger=3,max_age=3600

let_go() { release; }

long_sleep_all()
{
    local tool signal
    for tool in "${TOOLS[@]}"; do
        for signal in "${SIGNALS[@]}"; do set_params "$tool-${signal,,}" 'long_sleep = True'; done
    done
}

# start_reader TOOL NAME: in a process group of its own, as a shell with a terminal has it
start_reader()
{
    local tool=$1 name=$2 out=$TMPDIR/out.$2
    case $tool in
    cp) cp "$(tar_of "$name")" "$out" ;;
    rsync) rsync "$(tar_of "$name")" "$out" ;;
    cat) cat "$(tar_of "$name")" >"$out" ;;
    tar) tar -C "$(inst "$name")" -cf "$out" export ;;
    python) python3 -c 'import shutil, sys; shutil.copyfile(*sys.argv[1:])' "$(tar_of "$name")" "$out" ;;
    esac 2>"$out.err"
}

right() # TOOL NAME
{
    if [ "$1" = tar ]; then
        mkdir "$TMPDIR/x.$2" && tar -C "$TMPDIR/x.$2" -xf "$TMPDIR/out.$2" &&
            same_directory "$2" "$TMPDIR/x.$2/export"
    else
        same_image "$2" "$TMPDIR/out.$2"
    fi
}

gone() { ! kill -0 "$1" 2>/dev/null; }
all_at_stage() { local n; for n in "${!reader[@]}"; do at_stage "$n" || return; done; }
# on whichever node, wherever that keeps its exports
has_export() { ls -d "$M"/nodes/*/exports/"$1".example.com >/dev/null 2>&1; }
whole() { (cd "$M"/nodes/*/exports/"$1".example.com && xxhsum -c --quiet XXH128SUMS); }

interrupt_at()
{
    local stage=$1 tool signal name status
    set -m
    for tool in "${TOOLS[@]}"; do
        for signal in "${SIGNALS[@]}"; do
            name=$tool-${signal,,}
            start_reader "$tool" "$name" &
            reader[$name]=$!
        done
    done
    set +m
    check "$stage: all runs are there" wait_until 60 all_at_stage
    for name in "${!reader[@]}"; do
        signal=${name#*-}
        kill "-${signal^^}" -- "-${reader[$name]}"
    done
    sleep 2.5 # the mount looks again after a second at whom it spared
    for tool in "${TOOLS[@]}"; do
        for signal in INT TERM KILL; do
            name=$tool-${signal,,}
            check "$stage: $tool is gone by SIG$signal, at once" wait_until 10 gone "${reader[$name]}"
        done
        for signal in tstp stop; do
            ! gone "${reader[$tool-$signal]}" || fail "$stage: $tool waits after SIG${signal^^}"
            kill -CONT -- "-${reader[$tool-$signal]}"
        done
    done
    sleep 2.5 # longer than linger in all: some had read a file to its end
    let_go
    for tool in "${TOOLS[@]}"; do
        for signal in tstp stop; do
            name=$tool-$signal
            status=0
            wait "${reader[$name]}" || status=$?
            check_eq "$stage: $tool goes on after SIG${signal^^}" "$status $(cat "$TMPDIR/out.$name.err")" '0 '
            check "$stage: and gets the right bytes" right "$tool" "$name"
        done
    done
    wait_until 60 idle || fail "$stage: nothing runs any more" "$(cat "$M/status")"
    check_rolled_back "$stage"
}

check_rolled_back()
{
    local stage=$1 tool signal name
    for tool in "${TOOLS[@]}"; do
        for signal in int term kill; do
            name=$tool-$signal
            if may_publish && has_export "$name"; then
                check "$stage: $name: published all the same, and whole" whole "$name"
                continue
            fi
            check_match "$stage: $name: status says so" "$(status_of "$name")" '^job_state: canceled'
            check "$stage: $name: no export" eval "! has_export '$name'"
        done
    done
    check "$stage: nothing staged" no_leftovers
    check_eq "$stage: all run as before" "$(ls "$C/state/fake")" "$(ls "$TMPDIR/fake")"
    check_eq "$stage: the journal is empty" "$(ls -A "$C/state/journal" 2>/dev/null)" ''
    # a note that goes in this moment may have been looked at once more
    soon "$stage: no lock is held" eval '! grep "^lock:" "$M/status"'
    check_no_match "$stage: no space is reserved" "$(cat "$M"/nodes/*/status)" '^reserved: [1-9]'
    check "$stage: no hook runs on" eval '! pgrep -f instance-export'
}

#!/bin/bash
# timeout: 90
# Signals that tell a program something do not end its read, for the file of a disk would not either:
# borg, asked how far it is (SIGUSR1), or stopped and continued, while it waits for an export.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in stop usr1 winch; do add_instance $name --disk 3M:dense; done
add_gate
mount_cluster max_jobs=8,linger=30
export BORG_BASE_DIR=$TMPDIR BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
waits() { local n; for n in stop usr1 winch; do status_of $n | grep -q '^readers: 1' || return; done; }
declare -A borg
set -m
for name in stop usr1 winch; do
    borg init -e none "$TMPDIR/repository.$name"
    (cd "$(inst $name)" && exec borg create "$TMPDIR/repository.$name::a" export 2>"$TMPDIR/$name.err") &
    borg[$name]=$!
done
set +m
check "all wait" wait_until 40 waits
kill -TSTP -- "-${borg[stop]}"
kill -USR1 "${borg[usr1]}"
kill -WINCH "${borg[winch]}"
sleep 2.5 # the mount looks again after a second
kill -CONT -- "-${borg[stop]}"
sleep 0.5
open_gate
for name in stop usr1 winch; do
    check_wait "$name: borg ends well" "${borg[$name]}"
    check_no_match "$name: and had no error" "$(cat "$TMPDIR/$name.err")" 'Errno|error'
    mkdir "$TMPDIR/$name"
    (cd "$TMPDIR/$name" && borg extract "$TMPDIR/repository.$name::a")
    check "$name: right to the byte" same_directory $name "$TMPDIR/$name/export"
done

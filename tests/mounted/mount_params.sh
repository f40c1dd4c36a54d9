#!/bin/bash
# /params of the mount: read it, edit it, write it back; what cannot be is refused by close.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster bwlimit=3M
p=$M/params
export image_py p
check_match "shows what is in effect" "$(cat "$p")" '^bwlimit = 3145728$'
check_eq "owner and mode" "$(stat -c '%u %g %a' "$p")" '0 0 600'
check_eq "its size" "$(stat -c %s "$p")" "$(wc -c <"$p")"
sed 's/^bwlimit = .*/bwlimit = 50M/' "$p" >"$TMPDIR/edited"
check "cp of an edited copy" cp "$TMPDIR/edited" "$p"
check_match "kept" "$(cat "$p")" '^bwlimit = 52428800$'
check_match "status tells" "$(cat "$M/status")" '^bwlimit: 52428800$'
check "shell redirection" sh -c 'echo "bwlimit = 7k" >"$p"'
check_match "kept" "$(cat "$p")" '^bwlimit = 7168$'
check "appending" sh -c 'echo "bwlimit = 8k" >>"$p"'
check_match "the last line counts" "$(cat "$p")" '^bwlimit = 8192$'

refused() # WHAT TEXT STORY
{
    export lines=$2
    check_fails "$1" 'EINVAL\|Invalid argument' sh -c 'printf "%b" "$lines" | python3 "$image_py" write "$p"'
    check_match "$1: the old value stays" "$(cat "$p")" '^bwlimit = 8192$'
    check_match "$1: status says why" "$(cat "$M/status")" "^refused: .*$3"
}

refused "unknown name" 'colour = red\n' "line 1: unknown parameter 'colour'"
refused "an instance's" 'shutdown = True\n' "line 1: unknown parameter 'shutdown'"
refused "no number" 'bwlimit = fast\n' "line 1: bwlimit: 'fast'"
refused "negative" 'bwlimit = -8\n' "line 1: bwlimit"
refused "too much" 'bwlimit = 99999999T\n' 'line 1: bwlimit: .* too much'
refused "nothing" 'bwlimit\n' "line 1: 'name = value' expected"
refused "a good and a bad line" 'bwlimit = 5M\nnonsense = 1\n' 'line 2: unknown'
check "a good one" sh -c 'echo "bwlimit = 0" >"$p"'
check_no_match "and status is clean" "$(cat "$M/status")" '^(refused|bwlimit):'
check "emptied" truncate -s 0 "$p"
check_match "as mounted" "$(cat "$p")" '^bwlimit = 3145728$'
mount_cluster allow_other,umask=0022 "$TMPDIR/mnt2"
check_match "each mount has its own" "$(cat "$TMPDIR/mnt2/params")" '^bwlimit = 0$'
check "anybody may look" nobody cat "$TMPDIR/mnt2/params"
check_fails "nobody else may write" 'denied\|not permitted' nobody sh -c "echo >'$TMPDIR/mnt2/params'"
check_eq "nothing ran" "$(runs)" 0
unmount
mount_cluster ro,bwlimit=1M
check_match "read-only it may be read" "$(cat "$p")" '^bwlimit = 1048576$'
check_fails "and not written" 'Read-only' sh -c 'echo >"$p"'

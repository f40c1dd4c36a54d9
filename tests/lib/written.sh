# shellcheck shell=bash
# Images that are written.  Sourced after cluster.sh.
#
#   pull web1         makes $TMPDIR/web1.tar and $TMPDIR/pulled/web1.example.com of an export on node2
#   node_tar web1 3   nodes/node3.example.com/images/web1.example.com.tar; node_export likewise
#   refused WHAT ERROR WHY COMMAND... FILE   it fails with ERROR, status says WHY, and all is as
#                     before; more might come of one that is a "Bad message", so that is removed

node_tar() { echo "$M/nodes/node$2.example.com/images/$1.example.com.tar"; }
node_export() { echo "$M/nodes/node$2.example.com/exports/$1.example.com"; }

pull()
{
    touch_export "$1" node2
    cp "$(node_tar "$1" 2)" "$TMPDIR/$1.tar"
    mkdir -p "$TMPDIR/pulled"
    tar -C "$TMPDIR/pulled" -xf "$TMPDIR/$1.tar"
}

# nothing is kept of what was refused
nothing_staged() { no_leftovers && ! grep -h '^upload:' "$M/status" "$M"/nodes/*/status; }

# old_stays NAME: on node2, to the bit
old_stays() { cmp "$TMPDIR/$1.tar" "$(node_tar "$1" 2)"; }

# published NAME NODE FILE: there, and nowhere else, bit-identical to FILE
published()
{
    wait_until 20 idle && cmp "$3" "$(node_tar "$1" "$2")" || return
    [ "$(ls -d "$C"/nodes/*/export/"$1".example.com)" = "$(exports_of "node$2")/$1.example.com" ]
}

# says_why REGEX: status, of whatever (not by a pipe: who finds it early would break that)
says_why() { grep -Eiq -e "$1" "$M/status" "$M"/nodes/*/status "$M"/instances/*/status; }

refused()
{
    local what=$1 error=$2 why=$3
    shift 3
    check_fails "$what: $error" "$error" "$@"
    soon "$what: status says why" says_why "$why"
    check "$what: the old export is untouched" old_stays web1
    [ "${error%%\\*}" != 'Bad message' ] || rm -f "${!#}"
    soon "$what: nothing is staged" nothing_staged
}

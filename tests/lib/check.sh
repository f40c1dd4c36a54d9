# shellcheck shell=bash
# Checks for the mounted tests: each prints one TAP line, and on failure what was seen.
# Sourced by cluster.sh.

failures=0

pass()
{
    echo "ok - $1"
}

# fail WHAT [SEEN]
fail()
{
    failures=$((failures + 1))
    echo "not ok - $1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/#   /'
}

# check WHAT COMMAND...: it must succeed.
check()
{
    local what=$1 seen
    shift
    if seen=$("$@" 2>&1); then pass "$what"; else fail "$what" "$* : $seen"; fi
}

# check_fails WHAT TEXT COMMAND...: it must fail and say TEXT (a basic regular expression).
check_fails()
{
    local what=$1 text=$2 seen
    shift 2
    if seen=$("$@" 2>&1); then
        fail "$what" "succeeded: $*"
    elif grep -q -e "$text" <<<"$seen"; then
        pass "$what"
    else
        fail "$what" "wanted '$text', seen: $seen"
    fi
}

# check_wait WHAT PID: a background command of this shell; it must succeed.
check_wait()
{
    if wait "$2"; then pass "$1"; else fail "$1" "exit status $?"; fi
}

# check_eq WHAT SEEN WANTED
check_eq()
{
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "$(diff <(echo "$3") <(echo "$2"))"; fi
}

# check_match WHAT SEEN REGEX (extended, case does not matter; any line)
check_match()
{
    if grep -Eiq -e "$3" <<<"$2"; then pass "$1"; else fail "$1" "wanted /$3/, seen: $2"; fi
}

# check_no_match WHAT SEEN REGEX
check_no_match()
{
    if grep -Eiq -e "$3" <<<"$2"; then fail "$1" "unwanted /$3/, seen: $2"; else pass "$1"; fi
}

# wait_until SECONDS COMMAND...: polls; false when the time (thrice as much when all is slow on
# purpose) is over.
wait_until()
{
    local factor=1 end
    [ -z "${SLOW:-}${SANITIZE:-}" ] || factor=3
    end=$((SECONDS + $1 * factor))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

# soon WHAT COMMAND...: becomes true within twenty seconds (usually one or two).
soon()
{
    local what=$1
    shift
    if wait_until 20 "$@"; then pass "$what"; else fail "$what" "never: $* : $("$@" 2>&1)"; fi
}

skip()
{
    echo "$1"
    exit 77
}

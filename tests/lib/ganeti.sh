# shellcheck shell=bash
# A running Ganeti cluster and its mount, for one test.  Each test sources this first:
#
#     . "$(dirname "$0")/../lib/ganeti.sh"
#     need rest1
#     mount_cluster max_age=0,linger=0
#     check "the image can be pulled" cp "$(tar_of rest1)" "$TMPDIR/"
#
# The cluster is that of tests/ganeti/up and shared by all tests, one after the other; each finds it
# in order (put_in_order), with whatever exports the tests before have left.  Its nodes run outside of
# the test's namespaces: they are reached by SSH (on), and by their directories (exports_of ...).
set -eEuo pipefail
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${GNT_TEST:-}" ] || exec "$LIB/../run" "$0"
. "$LIB/check.sh"
. "$LIB/../ganeti/env"
[ "$(id -u)" = 0 ] || skip "mounting needs root"
[ -c /dev/fuse ] || skip "there is no /dev/fuse"
[ $$ -le 3 ] || skip "there are no private mount and pid namespaces here"
[ -e "$GNT_ROOT/ca.pem" ] && [ -e "$NETNS" ] || skip "the test cluster is not up: tests/ganeti/up"

M=$TMPDIR/mnt           # where it is mounted
CONTROL=$GNT_ROOT/control
export SSH_SHARED=$TMPDIR/ssh
mkdir -p "$SSH_SHARED"
image_py=$LIB/image.py
declare -A daemons=()   # mount point -> pid
ends=()                 # commands for the end, the last first

# --- the end: unmount, and the daemon must have ended well ---

at_end() { ends+=("$*"); }

finish()
{
    local status=$? at i
    trap - ERR EXIT
    [ "$status" = 0 ] || [ "$status" = 77 ] || fail "the test itself runs to its end (status $status)"
    if [ "$failures" != 0 ]; then
        sed 's/^/# status: /' "$M/status" 2>/dev/null || true
    fi
    for ((i = ${#ends[@]} - 1; i >= 0; i--)); do eval "${ends[$i]}" >/dev/null 2>&1 || true; done
    for at in "${!daemons[@]}"; do unmount "$at" || true; done
    if [ "$failures" != 0 ] && [ -s "$TMPDIR/daemon.log" ]; then
        sed 's/^/# daemon: /' "$TMPDIR/daemon.log"
    fi
    [ "$failures" = 0 ] || exit 1
    exit "$status"
}
trap finish EXIT
trap 'echo >&2 "# line $LINENO: $BASH_COMMAND"' ERR

# --- the cluster ---

gnt() { on 1 "$@"; } # a command on the master
dom() { echo "$1.$GNT_DOMAIN"; }

# What a test before this one may have left, however it ended.
put_in_order()
{
    local n answers=()
    rm -rf "${CONTROL:?}"/* "$GNT_ROOT"/node?/etc/ganeti/hooks/instance-export-*/* \
        "$GNT_ROOT"/node?/var/lib/ganeti/export/*.new "$GNT_ROOT/node1/var/lib/ganeti/queue/drain"
    for ((n = 1; n <= GNT_NODES; n++)); do power_on $n; done
    for ((n = 1; n <= GNT_NODES; n++)); do
        wait_until 60 is_ready $n
        inside ip link set "gntx$n" up
        wait_until 30 on $n true & answers[n]=$!
    done
    for n in "${!answers[@]}"; do wait "${answers[$n]}" || skip "node $n cannot be reached"; done
}

# need NAME...: instances, made unless they are there.  What they are goes by their names:
#   rest*   stopped, one disk of 8 MiB in a file       run*    the same, running
#   two*    stopped, 8 and 4 MiB, with names           live*   running, can be snapshotted
#   bare*   stopped, made of an image, without an OS   big*    stopped, 256 MiB; bench*  1 GiB
# rest2, rest4 ... and all others of even number are on node 2, the others on node 3.
disk_sizes() { case $1 in two*) echo 8 4 ;; big*) echo 256 ;; bench*) echo 1024 ;; *) echo 8 ;; esac; }
primary_of() { case $1 in *[02468]) echo 2 ;; *) echo 3 ;; esac; }

add_command()
{
    local name=$1 what
    case $name in
    rest* | big* | bench* | new*) what=(-t file --disk "0:size=$(disk_sizes "$name")M" -o randfill+default --no-start) ;;
    run*) what=(-t file --disk 0:size=8M -o randfill+default) ;;
    two*) what=(-t file --disk 0:size=8M,name=root --disk 1:size=4M,name=data -o randfill+default --no-start) ;;
    live*) what=(-t ext --disk 0:size=8M,provider=loopfile -o randfill+default) ;;
    bare*)
        disk_content "$name" 0 >"$GNT_ROOT/volumes/$name.image"
        what=(-t file --disk 0:size=8M -O "os-image=/srv/ganeti/volumes/$name.image" --no-start)
        ;;
    esac
    gnt gnt-instance add --submit --no-ip-check -B memory=64M,vcpus=1 \
        -n "$(node_name "$(primary_of "$name")")" "${what[@]}" "$(dom "$name")"
}

need()
{
    local name have jobs=()
    have=$(gnt gnt-instance list --no-headers --separator=: -o name,status)
    for name; do
        case $name in
        run* | live*)
            ! grep -q "^$(dom "$name"):.*down" <<<"$have" || gnt gnt-instance start "$(dom "$name")"
            ;;
        esac
        grep -q "^$(dom "$name"):" <<<"$have" || jobs+=("$(add_command "$name" 2>&1 | job_id)")
    done
    for name in ${jobs[@]+"${jobs[@]}"}; do
        wait_until 60 ended "$name"
        [ "$(job_field "$name" status)" = success ] || skip "an instance cannot be made: $(gnt gnt-job info "$name")"
    done
}

# --- jobs ---

# check_wait_fails WHAT PID [TEXT FILE]: it must fail, and have said TEXT
check_wait_fails()
{
    if wait "$2"; then
        fail "$1" "exit status 0"
    elif [ $# -gt 2 ] && ! grep -q -e "$3" "$4"; then
        fail "$1" "wanted '$3', seen: $(cat "$4")"
    else
        pass "$1"
    fi
}

# submit COMMAND SUBCOMMAND...: its job's id
job_id() { sed -n 's/^JobID: //p'; }
submit() { gnt "$1" "$2" --submit "${@:3}" 2>&1 | job_id; }
job_field() { gnt gnt-job list --no-headers -o "$2" "$1" | tr -d ' '; }
ended() { case $(job_field "$1" status) in success | error | canceled) ;; *) false ;; esac; }
job_is() { [ "$(job_field "$1" status)" = "$2" ]; }

# The ids of all export jobs there were of NAME, by whatever name that was asked for; the last one.
exports_jobs() { gnt gnt-job list --no-headers -o id,summary | sed -En "s/^ *([0-9]+) BACKUP_EXPORT\($1(\..*)?\)$/\1/p"; }
njobs() { exports_jobs "$1" | wc -l; }
last_job() { exports_jobs "$1" | sort -n | tail -n 1; }
has_job() { [ "$(njobs "$1")" -gt "$2" ]; } # more than before

# hold_nodes: no export gets its locks until release_nodes.
hold_nodes()
{
    local n nodes=()
    for ((n = 1; n <= GNT_NODES; n++)); do nodes+=(-n "$(node_name "$n")"); done
    holding=$(gnt gnt-debug delay --submit "${nodes[@]}" 120 2>&1 | job_id)
    at_end release_nodes
    wait_until 30 job_is "$holding" running
}
release_nodes()
{
    [ -z "${holding:-}" ] || gnt gnt-job cancel --kill --yes-do-it "$holding" || true
    holding=
}

# hold_export NAME: its dumps do not begin until let_export_go; export_held: one has come so far.
hold_export()
{
    echo ": >/srv/ganeti/control/$1.reached; while [ -e /srv/ganeti/control/$1.hold ]; do sleep 0.2; done" \
        >"$CONTROL/$(dom "$1")"
    : >"$CONTROL/$1.hold"
    at_end rm -f "$CONTROL/$1.hold"
}
export_held() { [ -e "$CONTROL/$1.reached" ]; }
let_export_go() { rm -f "$CONTROL/$1.hold" "$CONTROL/$(dom "$1")"; }

# add_hook NODE pre|post NAME SCRIPT
add_hook()
{
    local dir
    dir=$(hooks_of "$1")/instance-export-$2.d
    printf '#!/bin/sh\n%s\n' "$4" >"$dir/$3"
    chmod 755 "$dir/$3"
}

# --- instances ---

state_of() { gnt gnt-instance list --no-headers -o status "$(dom "$1")" | tr -d ' '; }
is_running() { [ "$(state_of "$1")" = running ]; }

# disk_content NAME DISK: what must be on it
disk_content()
{
    local sizes
    read -ra sizes <<<"$(disk_sizes "$1")"
    (set +o pipefail; openssl enc -aes-128-ctr -nosalt -pass "pass:$(dom "${3:-$1}")/$2" -md sha256 </dev/zero 2>/dev/null |
        head -c $((sizes[$2] << 20)))
}

# same_disk NAME DISK FILE [CONTENT OF]
same_disk() { disk_content "$1" "$2" "${4:-$1}" | cmp - "$3"; }

# same_directory NAME DIRECTORY [CONTENT OF]: config.ini, the disks, the sums, and nothing else.
same_directory()
{
    local j=0 size wanted=
    python3 "$image_py" config "$2/config.ini" instance name "$(dom "$1")" || return
    for size in $(disk_sizes "$1"); do
        same_disk "$1" $j "$2/disk$j.raw" "${3:-$1}" || return
        wanted+=" disk$j.raw"
        j=$((j + 1))
    done
    [ "$(cd "$2" && echo *)" = "XXH128SUMS config.ini$wanted" ] && (cd "$2" && xxhsum -c --quiet XXH128SUMS)
}

# same_image NAME TARFILE [CONTENT OF]
same_image()
{
    local dir
    dir=$(mktemp -d)
    tar -xf "$2" -C "$dir" && same_directory "$1" "$dir/$(dom "$1")" "${3:-$1}" &&
        python3 "$image_py" tar "$2" "$(dom "$1")" "$dir/$(dom "$1")" && rm -rf "$dir"
}

# tar_disks TARFILE: its dumps, whatever they are named
tar_disks() { tar -xOf "$1" --exclude='*/config.ini' --exclude='*/XXH128SUMS'; }

# --- exports on the nodes ---

export_on() { echo "$(exports_of "$2")/$(dom "$1")"; } # NAME NODE
exported_to() { local at; for at in "$GNT_ROOT"/node?/var/lib/ganeti/export/"$(dom "$1")"/config.ini; do
    [ -e "$at" ] && at=${at#"$GNT_ROOT/node"} && echo "${at%%/*}"; done | xargs; }
hidden_in() { find "$@" -mindepth 1 -maxdepth 1 -name '.*'; } # DIRECTORY...
no_exports() { rm -rf "$GNT_ROOT"/node?/var/lib/ganeti/export/"$(dom "$1")"; } # NAME

# need_export NAME NODE: there is one there, and nowhere else
need_export()
{
    [ "$(exported_to "$1")" != "$2" ] || return 0
    gnt gnt-backup export --noshutdown -n "$(node_name "$2")" "$(dom "$1")" >"$TMPDIR/gnt-backup" 2>&1 ||
        { cat "$TMPDIR/gnt-backup" && return 1; }
}

# import_as NEW NODE DIRECTORY: by gnt-backup import; imported_like: with the disks of NAME
imported_like() # NEW NAME
{
    local j=0 size
    for size in $(disk_sizes "$2"); do
        same_disk "$2" $j "$(echo "$GNT_ROOT"/node?/srv/ganeti/file-storage/"$(dom "$1")"/*.disk$j)" || return
        j=$((j + 1))
    done
}
import_as()
{
    gnt gnt-backup import -t file -n "$(node_name 2)" "--src-node=$(node_name "$2")" "--src-dir=$3" \
        --no-ip-check --net 0:mac=generate "$(dom "$1")"
}

# --- the mount ---

# Options of all mounts: what the cluster says is seen a second later; state of this test only.
MOUNT_DEFAULTS=refresh=1

# try_mount [OPTIONS [MOUNTPOINT]]: in the foreground; what it says is its output
try_mount()
{
    local at=${2:-$M} command
    mkdir -p "$at"
    command=$("$LIB/../ganeti/mount-command" "$at" "$(mount_options "${1:-}")")
    eval "timeout 60 $command"
}

mount_options()
{
    local options=${1:-}
    case ,$options in *,state_dir=*) ;; *) options+=",state_dir=$TMPDIR/state" ;; esac
    case ,$options in *,refresh=*) ;; *) options+=",$MOUNT_DEFAULTS" ;; esac
    echo "${options#,}"
}

# mount_cluster [OPTIONS [MOUNTPOINT]]
mount_cluster()
{
    local at=${2:-$M} command
    mkdir -p "$at"
    command=$(FOREGROUND=1 "$LIB/../ganeti/mount-command" "$at" "$(mount_options "${1:-}")")
    eval "exec $command" >>"$TMPDIR/daemon.log" 2>&1 &
    daemons[$at]=$!
    wait_until 60 eval "mountpoint -q '$at' || ! kill -0 ${daemons[$at]}" || true
    mountpoint -q "$at" || { fail "mounts: $command" "$(cat "$TMPDIR/daemon.log")"; exit 1; }
}

# unmount [MOUNTPOINT]: the daemon must follow, with status 0.
unmount()
{
    local at=${1:-$M} pid status=0
    pid=${daemons[$at]}
    unset "daemons[$at]"
    umount "$at" || umount -l "$at"
    wait_until 30 eval "! kill -0 $pid" || { fail "the daemon ends after unmount"; kill -9 "$pid"; }
    wait "$pid" || status=$?
    [ "$status" = 0 ] || fail "the daemon ends with status 0" "status $status"
}

tar_of() { echo "$M/images/$(dom "$1").tar"; }
inst() { echo "$M/instances/$(dom "$1")"; }
status_of() { cat "$(inst "$1")/status"; }
node_at() { echo "$M/nodes/$(node_name "$1")"; }
node_export() { echo "$(node_at "$2")/exports/$(dom "$1")"; } # NAME NODE
node_tar() { echo "$(node_at "$2")/images/$(dom "$1").tar"; }
says() { grep -Eiq -e "$1" "$2"; } # REGEX FILE
# node_is N STATE; seen N...: the mount has looked at what lies on these
node_is() { says "^state: $2" "$(node_at "$1")/status"; }
seen() { local n; for n; do node_is "$n" online && ls "$(node_at "$n")/exports/" >/dev/null || return; done; }

# set_params NAME LINE...
set_params()
{
    local name=$1
    shift
    printf '%s\n' "$@" >"$(inst "$name")/params"
}

# idle: no job of the mount is queued or runs.
idle() { [ "$(grep -Ec '^jobs_(running|queued): 0$' "$M/status")" = 2 ]; }

put_in_order

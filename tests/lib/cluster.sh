# shellcheck shell=bash
# A cluster directory and its mount for one test.  Each test sources this first:
#
#     . "$(dirname "$0")/../lib/cluster.sh"
#     make_cluster
#     add_instance web1 --up --disk 5M:hole-middle
#     mount_cluster max_age=0,linger=0
#     check "the image can be pulled" cp "$M/images/web1.example.com.tar" "$TMPDIR/"
#
# Started by hand a test runs itself under tests/run, in namespaces of its own.
set -eEuo pipefail
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${GNT_TEST:-}" ] || exec "$LIB/../run" "$0"
. "$LIB/check.sh"
[ "$(id -u)" = 0 ] || skip "mounting needs root"
[ -c /dev/fuse ] || skip "there is no /dev/fuse"
# In a namespace of its own the test is the first process but one.
[ $$ -le 3 ] || skip "there are no private mount and pid namespaces here"

GNT=${GNT_EXPORTFS:-$LIB/../../gnt-exportfs}
C=$TMPDIR/c1            # the cluster directory
M=$TMPDIR/mnt           # where it is mounted
RUNS=$TMPDIR/runs       # one line per run of the export LU, from a hook on the master
image_py=$LIB/image.py
declare -A daemons=()   # mount point -> pid

# --- the end: unmount, and the daemon must have ended well ---

finish()
{
    local status=$? at
    trap - ERR EXIT
    [ "$status" = 0 ] || [ "$status" = 77 ] || fail "the test itself runs to its end (status $status)"
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

# Three nodes, no instance.
make_cluster()
{
    local n
    mkdir -p "$C"/{nodes,instances,state/fake,disks}
    printf '[cluster]\nname = c1.example.com\nmaster_node = node1.example.com\n' >"$C/cluster.ini"
    for n in 1 2 3; do mkdir -p "$C/nodes/node$n.example.com/export"; done
    add_hook node1 pre 00-count "echo \$GANETI_INSTANCE_NAME >>$RUNS"
    : >"$RUNS"
}

node_dir() { echo "$C/nodes/$1.example.com"; }
exports_of() { echo "$C/nodes/$1.example.com/export"; }

# node_ini NODE LINE...: replaces node.ini.
node_ini()
{
    local node=$1
    shift
    printf '%s\n' '[node]' "$@" >"$(node_dir "$node")/.node.ini"
    mv "$(node_dir "$node")/.node.ini" "$(node_dir "$node")/node.ini"
}

# add_hook NODE pre|post NAME SCRIPT
add_hook()
{
    local dir
    dir=$(node_dir "$1")/hooks/instance-export-$2.d
    mkdir -p "$dir"
    printf '#!/bin/sh\n%s\n' "$4" >"$dir/$3"
    chmod 755 "$dir/$3"
}

# A pre hook that holds every run up until open_gate; gate_reached: a run waits there.
add_gate()
{
    rm -f "$TMPDIR/gate.open" "$TMPDIR/gate.reached"
    add_hook node1 pre 50-gate ": >$TMPDIR/gate.reached
while [ ! -e $TMPDIR/gate.open ]; do sleep 0.1; done"
}
open_gate() { : >"$TMPDIR/gate.open"; }
gate_reached() { [ -e "$TMPDIR/gate.reached" ]; }

# nobody COMMAND...: as another user than the owner of the mount.
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

runs() { wc -l <"$RUNS"; }

# make_disk FILE SIZE[:LAYOUT] SEED
make_disk()
{
    local size=${2%%:*} layout=sparse
    [ "$size" = "$2" ] || layout=${2#*:}
    python3 "$image_py" disk "$1" "$size" "$layout" "$3"
}

# add_instance NAME [--up] [--node NODE] [--dir DIRECTORY OF DISKS] [--no-disks]
#     [--disk SIZE[:LAYOUT]]... [--set SECTION 'KEY = VALUE']...
add_instance()
{
    local name=$1.example.com up=down node=node1 dir=$C/disks disks=() j
    local -A extra=([instance]='' [hypervisor]='' [backend]='' [os]='' [os_private]='')
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        --up) up=up ;;
        --node) node=$2 && shift ;;
        --dir) dir=$2 && shift ;;
        --no-disks) disks=(none) ;;
        --disk) disks+=("$2") && shift ;;
        --set) extra[$2]+=$3$'\n' && shift 2 ;;
        esac
        shift
    done
    [ ${#disks[@]} -gt 0 ] || disks=(3149824:sparse)
    [ "${disks[0]}" != none ] || disks=()
    {
        printf '[export]\nversion = 0\nos = debootstrap+default\n\n[instance]\n'
        printf '%s\n' "name = $name" "primary_node = $node.example.com" "admin_state = $up" \
            'hypervisor = fake' 'disk_template = file' 'maxmem = 1024' 'minmem = 512' 'vcpus = 2' \
            'nic_count = 1' 'nic0_mac = aa:00:00:12:34:56' 'nic0_ip = 192.0.2.10' \
            'nic0_mode = bridged' 'nic0_link = br0' "disk_count = ${#disks[@]}"
        for j in "${!disks[@]}"; do
            make_disk "$dir/$name.disk$j" "${disks[$j]}" "$name/$j"
            echo "disk${j}_path = $dir/$name.disk$j"
        done
        printf '%s\n[hypervisor]\n%s\n' "${extra[instance]}" "${extra[hypervisor]}"
        printf '[backend]\nmaxmem = 1024\nminmem = 512\nvcpus = 2\n%s\n' "${extra[backend]}"
        printf '[os]\n%s\n[os_private]\n%s' "${extra[os]}" "${extra[os_private]}"
    } >"$C/instances/.$name.ini"
    mv "$C/instances/.$name.ini" "$C/instances/$name.ini"
    [ $up = down ] || touch "$C/state/fake/$name"
}

# disk_of NAME [INDEX]
disk_of() { sed -n "s/^disk${2:-0}_path = //p" "$C/instances/$1.example.com.ini"; }

# change_disk NAME: an export of before is not one of the disks as they are now, also at rest.
change_disk() { printf x | dd of="$(disk_of "$1")" conv=notrunc bs=1 seek=777 status=none; }

is_running() { [ -e "$C/state/fake/$1.example.com" ]; }

# --- the mount ---

# mount_cluster [OPTIONS [MOUNTPOINT]]
mount_cluster()
{
    local at=${2:-$M}
    mkdir -p "$at"
    "$GNT" -f ${1:+-o "$1"} "$C" "$at" >>"$TMPDIR/daemon.log" 2>&1 &
    daemons[$at]=$!
    wait_until 30 eval "mountpoint -q '$at' || ! kill -0 ${daemons[$at]}"
    mountpoint -q "$at" || { fail "mounts" "$(cat "$TMPDIR/daemon.log")"; exit 1; }
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

tar_of() { echo "$M/images/$1.example.com.tar"; }
inst() { echo "$M/instances/$1.example.com"; }
status_of() { cat "$(inst "$1")/status"; }

# set_params NAME LINE...
set_params()
{
    local name=$1
    shift
    printf '%s\n' "$@" >"$(inst "$name")/params"
}

# idle: no job is queued or runs.
idle() { [ "$(grep -Ec '^jobs_(running|queued): 0$' "$M/status")" = 2 ]; }

# touch_export NAME [NODE]: now, and waits for the end of it.
touch_export()
{
    if [ $# -gt 1 ]; then touch "$M/nodes/$2.example.com/images/$1.example.com.tar"; else touch "$(tar_of "$1")"; fi
    wait_until 40 idle
}

# same_image NAME TARFILE: right to the byte, as GNU tar, python's tarfile and xxhsum see it.
same_image()
{
    local name=$1 tarfile=$2 dir
    dir=$(mktemp -d)
    tar -xf "$tarfile" -C "$dir" &&
        same_directory "$name" "$dir/$name.example.com" &&
        python3 "$image_py" tar "$tarfile" "$name.example.com" "$dir/$name.example.com" &&
        rm -rf "$dir"
}

# same_directory NAME DIRECTORY: config.ini, the disks, the sums.
same_directory()
{
    local name=$1 dir=$2 j
    python3 "$image_py" config "$dir/config.ini" instance name "$name.example.com" || return
    for ((j = 0; ; j++)); do
        [ -n "$(disk_of "$name" $j)" ] || break
        cmp "$(disk_of "$name" $j)" "$dir/disk$j.raw" || return
    done
    [ ! -e "$dir/disk$j.raw" ] && (cd "$dir" && xxhsum -c --quiet XXH128SUMS) &&
        [ $(($(stat -c %s "$dir/config.ini") % 4096)) = 0 ]
}

# --- file systems ---

# make_fs xfs|btrfs|ext4 SIZE DIRECTORY: a new one on a loop device that goes with the mount.
make_fs()
{
    truncate -s "$2" "$3.fs"
    case $1 in
    xfs) mkfs.xfs -q -m reflink=1 "$3.fs" ;;
    btrfs) mkfs.btrfs -q "$3.fs" >/dev/null 2>&1 ;;
    ext4) mkfs.ext4 -q -m 0 -O ^has_journal "$3.fs" ;;
    esac
    mkdir -p "$3"
    mount -o loop "$3.fs" "$3" || skip "cannot mount $1 on a loop device here"
}

# no_leftovers: no stage and no half export on any node.
no_leftovers() { ! find "$C"/nodes/*/export -mindepth 1 -maxdepth 1 \( -name '.*' -o -name '*.new*' \) | grep .; }

#!/bin/bash
# Stands in for LVM's commands where there is no device mapper: DIR/bin/lvs, lvcreate, lvremove and
# lvchange are links to it, and DIR/bin is first in PATH.  What it knows is in files:
#
#   DIR/lvm/VG/free     extents of 4 MiB that are free
#   DIR/lvm/VG/LV       one line, SIZE|lv_attr|origin|pool|data%|metadata%|tags|DEVICE
#   DIR/lvm.log         one line for each command that was run, with its arguments
#   DIR/lvm.COMMAND     if it is there, shell commands that run first; "exit" ends it
#
# A snapshot is a copy of the origin's device on a loop device over DIR/VG.LV.img.
set -u
cd "$(dirname "$0")/.." || exit
self=${0##*/}
printf '%s\n' "$self $*" >>lvm.log

refuse()
{
    echo "  $*" >&2
    exit 5
}
field() { cut -d'|' -f"$2" <"lvm/$1"; }

list()
{
    local f vg lv size attr origin pool data meta tags device major minor
    for f in lvm/*/*; do
        vg=${f%/*} vg=${vg##*/} lv=${f##*/} major=-1 minor=-1
        [ "$lv" != free ] || continue
        IFS='|' read -r size attr origin pool data meta tags device <"$f"
        [ -z "$device" ] || IFS=: read -r major minor < <(stat -Lc %Hr:%Lr "$device")
        [[ $attr != [eT]* ]] || lv="[$lv]"
        echo "  $vg|$lv|$major|$minor|$size|$attr|$origin|$pool|$data|$meta|$tags|4194304|$(cat "lvm/$vg/free")|$device"
    done
}

# create ARGUMENT...: as export/lvm.c asks for it
create()
{
    local name='' extents=0 trial='' tag='' vg free device origin
    while [ $# -gt 1 ]; do
        case $1 in
        -n) name=$2 && shift ;;
        -l) extents=$2 && shift ;;
        -p | -k) shift ;;
        --addtag) tag=$2 && shift ;;
        --test) trial=yes ;;
        esac
        shift
    done
    origin=$1 vg=${1%/*}
    [ -e "lvm/$origin" ] || refuse "Failed to find logical volume \"$origin\""
    [ ! -e "lvm/$vg/$name" ] || refuse "Logical Volume \"$name\" already exists in volume group \"$vg\""
    free=$(cat "lvm/$vg/free")
    [ "$extents" -le "$free" ] || refuse "Volume group \"$vg\" has insufficient free space"
    [ -z "$trial" ] || return 0
    cat "$(field "$origin" 8)" >"$vg.$name.img"
    device=$(losetup -r -f --show "$PWD/$vg.$name.img") || refuse "no loop device"
    if [ "$extents" -gt 0 ]; then
        echo $((free - extents)) >"lvm/$vg/free"
        echo "$((extents * 4194304))|sri-a-s---|${origin#*/}||0.00||$tag|$device" >"lvm/$vg/$name"
    else
        echo "$(field "$origin" 1)|Vri-a-tz--|${origin#*/}|$(field "$origin" 4)|0.00||$tag|$device" >"lvm/$vg/$name"
    fi
}

# remove ARGUMENT... VG/LV
remove()
{
    local volume=${*: -1} vg device
    vg=${volume%/*}
    [ -e "lvm/$volume" ] || refuse "Failed to find logical volume \"$volume\""
    [[ "$*" != *'lv_tags={gnt-exportfs}'* ]] || field "$volume" 7 | tr , '\n' | grep -qx gnt-exportfs || return 0
    [[ $(field "$volume" 2) != ?????o* ]] || refuse "Logical volume $volume in use."
    device=$(field "$volume" 8)
    [ -z "$device" ] || losetup -d "$device" || exit 5
    if [[ $(field "$volume" 2) == s* ]]; then
        echo $(($(cat "lvm/$vg/free") + $(field "$volume" 1) / 4194304)) >"lvm/$vg/free"
    fi
    rm "lvm/$volume"
}

# shellcheck source=/dev/null
[ ! -e "lvm.$self" ] || . "./lvm.$self"
case $self in
lvs) list ;;
lvcreate) create "$@" ;;
lvremove) remove "$@" ;;
esac

# shellcheck shell=bash
# Nodes behind a file server that can be stopped: bindfs, a FUSE file system that shows a directory.
# Sourced after cluster.sh.
command -v bindfs >/dev/null || skip "there is no bindfs"
declare -A servers=()   # node -> pid

# serve NODE DIRECTORY [OPTION...]: that directory lies on a file server from now on, with what it
# holds.  OPTION: bindfs's, --write-rate=1M for one.
serve()
{
    local node=$1 dir=$2
    shift 2
    mv "$dir" "$TMPDIR/$node.served"
    mkdir "$dir"
    start_server "$node" "$dir" "$@"
}

# start_server NODE DIRECTORY [OPTION...]
start_server()
{
    local node=$1 dir=$2
    shift 2
    bindfs -f "$@" -o fsname=server "$TMPDIR/$node.served" "$dir" >>"$TMPDIR/server.log" 2>&1 &
    servers[$node]=$!
    wait_until 20 mountpoint -q "$dir" || skip "bindfs cannot mount here: $(cat "$TMPDIR/server.log")"
}

# serve_node NODE [OPTION...]: its export directory.
serve_node() { serve "$1" "$(exports_of "$1")" "${@:2}"; }

served() { echo "$TMPDIR/$1.served"; }
stop_server() { kill -STOP "${servers[$1]}"; }
continue_server() { kill -CONT "${servers[$1]}"; }

# kill_server NODE: it is gone for good, and its mount says so to everybody.
kill_server() { kill -KILL "${servers[$1]}"; }

# staged NODE NAME: an export of that instance is being copied there.
staged() { [ -n "$(find "$(served "$1")" -path "*/.$2.*/disk0.raw" -size +1)" ]; }

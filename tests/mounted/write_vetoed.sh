#!/bin/bash
# A write runs the export LU: hooks, their environment and their veto; locks; drained and offline
# targets; params that would touch the instance do not.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --up --disk 2M:dense
mount_cluster shutdown,allow_remove_instance
set_params web1 'shutdown = True' 'long_sleep = True'
pull web1
set_params web1 'shutdown = True' 'long_sleep = True' 'remove_instance = True'
check "the instance runs" is_running web1
add_hook node3 post 10-env "env | grep ^GANETI_ >$TMPDIR/env"
check "written" cp "$TMPDIR/web1.tar" "$(node_tar web1 3)"
check "published" published web1 3 "$TMPDIR/web1.tar"
check "the instance was not stopped" is_running web1
check "nor removed" test -e "$C/instances/web1.example.com.ini"
check_eq "hooks ran" "$(runs)" 2
check_match "with the environment of an export" "$(cat "$TMPDIR/env")" '^GANETI_EXPORT_NODE=node3\.example\.com$'
check_match "of that instance" "$(cat "$TMPDIR/env")" '^GANETI_INSTANCE_NAME=web1\.example\.com$'
cp "$(node_tar web1 3)" "$TMPDIR/now.tar"
add_hook node1 pre 50-no 'exit 1'
check_fails "a veto comes out of close" 'not permitted' cp "$TMPDIR/web1.tar" "$(node_tar web1 1)"
check_match "status says whose" "$(status_of web1)" '^error: .*50-no'
check "the export of before stays" cmp "$TMPDIR/now.tar" "$(node_tar web1 3)"
soon "nothing is staged" nothing_staged
rm "$(node_dir node1)/hooks/instance-export-pre.d/50-no"
node_ini node1 'drained = True'
soon "the target is drained" eval '! cp "$TMPDIR/web1.tar" "$(node_tar web1 1)"'
check_fails "which is EBUSY" 'busy' cp "$TMPDIR/web1.tar" "$(node_tar web1 1)"
node_ini node1 'offline = True'
soon "an offline one" eval '{ cp "$TMPDIR/web1.tar" "$(node_tar web1 1)" 2>&1 || true; } | grep "Host is down"'
soon "nothing is staged there" nothing_staged

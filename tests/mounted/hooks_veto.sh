#!/bin/bash
# A pre hook that fails vetoes: EPERM for the reader, the reason in status and log, nothing changed.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up
mount_cluster ''
set_params web1 'shutdown = True' 'long_sleep = True'
touch_export web1 node2
cp "$(tar_of web1)" "$TMPDIR/old.tar"
add_hook node2 pre veto 'echo not on sundays; exit 3'
touch_export web1
check_match "status: the node and the script" "$(status_of web1)" '^error: .*node2.*veto'
check_match "log: its output" "$(cat "$(inst web1)/log")" 'not on sundays'
check "not shut down" is_running web1
check "the old export is whole" same_directory web1 "$(exports_of node2)/web1.example.com"
unmount
mount_cluster max_age=0,linger=0
check_fails "a reader gets EPERM" 'not permitted' cat "$(tar_of web1)"
runs_then=$(runs)
check_fails "and again" 'not permitted' cat "$(tar_of web1)"
check_eq "without another attempt" "$(runs)" "$runs_then"
rm "$(node_dir node2)/hooks/instance-export-pre.d/veto"
touch_export web1
check "touch overrides" cp "$(tar_of web1)" "$TMPDIR/new.tar"
soon "the run is over" idle
check "no stage" no_leftovers

#!/bin/bash
# timeout: 240
# An upload waits for an export of the same instance that is under way, whoever has asked for it;
# uploads of others do not.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1 rest2
need_export rest1 3
need_export rest2 3
mount_cluster max_age=100000
soon "the exports are there" grep -q '^export: fresh' "$(inst rest1)/status"
soon "both" grep -q '^export: fresh' "$(inst rest2)/status"
check "one is pulled" cp "$(tar_of rest1)" "$TMPDIR/rest1.tar"
check "another, too" cp "$(tar_of rest2)" "$TMPDIR/rest2.tar"
hold_export rest1
job=$(submit gnt-backup export -n node4 rest1)
check "an export runs" wait_until 40 export_held rest1
cp "$TMPDIR/rest1.tar" "$(node_tar rest1 4)" & writer=$!
soon "the upload waits for it" grep -q 'waiting for an export' "$(inst rest1)/status"
check "another goes on beside it" timeout 30 cp "$TMPDIR/rest2.tar" "$(node_tar rest2 1)"
check_eq "to its node" "$(exported_to rest2)" 1
check_eq "nothing was put in its way" "$(hidden_in "$(exports_of 4)")" ""
let_export_go rest1
check_wait "the upload ends well" $writer
check "so did the export" job_is "$job" success
check_eq "there is one copy" "$(exported_to rest1)" 4
check "which is what was written" cmp "$TMPDIR/rest1.tar" "$(node_tar rest1 4)"
check_match "the log tells of it" "$(cat "$(inst rest1)/log")" "Waiting for job $job"

# one that is cancelled while it waits
hold_export rest1
job=$(submit gnt-backup export -n node3 rest1)
check "an export runs" wait_until 40 export_held rest1
cp "$TMPDIR/rest1.tar" "$(node_tar rest1 2)" & writer=$!
soon "the upload waits for it" grep -q 'waiting for an export' "$(inst rest1)/status"
pid=${daemons[$M]}
unset "daemons[$M]"
kill "$pid"
check "the mount ends" wait_until 30 eval '! kill -0 $pid'
check_wait_fails "the writer gets an error" $writer
let_export_go rest1
check "the export ends" wait_until 60 ended "$job"
check_eq "only it has been there" "$(exported_to rest1)" 3
check_eq "nothing is left on the node" "$(hidden_in "$(exports_of 2)")" ""
# a machine that is busy enough takes a thread that is late for one that hangs, and ends without it
mount_cluster max_age=100000
soon "nor here, at the latest when it is mounted again" eval '[ -z "$(hidden_in "$TMPDIR/state/spool")" ]'

#!/bin/bash
# timeout: 90
# A job that runs cannot be cancelled: it goes on when its reader has gone, and its export is used.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
no_exports rest1
mount_cluster max_age=3600
before=$(njobs rest1)
hold_export rest1
cat "$(tar_of rest1)" >/dev/null & reader=$!
check "the job runs" wait_until 40 export_held rest1
job=$(last_job rest1)
kill -KILL $reader || true
wait $reader || true
soon "nobody reads" grep -q '^readers: 0' "$(inst rest1)/status"
sleep 2
check "the job runs on" job_is "$job" running
soon "the log says so" grep -Eiq 'goes on|continues|without|cannot be cancel' "$(inst rest1)/log"
check "a reader can come back" eval 'cp "$(tar_of rest1)" "$TMPDIR/rest1.tar" & reader=$!; sleep 2; let_export_go rest1; wait $reader'
check "right to the bit" same_image rest1 "$TMPDIR/rest1.tar"
check_eq "by that job" "$(njobs rest1)" "$((before + 1))"

#!/bin/bash
# timeout: 90
# A job that nobody waits for any more is cancelled while it waits for its locks; one that somebody
# else cancels is an error of its readers.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
mount_cluster max_age=0,linger=0,retry_after=0
hold_nodes
before=$(njobs rest1)
cat "$(tar_of rest1)" >/dev/null & reader=$!
soon "there is a job" has_job rest1 "$before"
job=$(last_job rest1)
soon "that waits" job_is "$job" waiting
check_match "status says so" "$(status_of rest1)" 'wait|queue'
kill -KILL $reader || true
soon "its reader is killed: canceled" job_is "$job" canceled
soon "no job in the mount" idle
check_match "status says so" "$(status_of rest1)" '^job_state: canceled'
before=$(njobs rest1)
cat "$(tar_of rest1)" >/dev/null & reader=$!
soon "there is another" has_job rest1 "$before"
job=$(last_job rest1)
soon "that waits" job_is "$job" waiting
gnt gnt-job cancel "$job" >/dev/null 2>&1
check_wait_fails "somebody cancels it: its reader gets an error" $reader
check_match "status says why" "$(status_of rest1)" '^error: .*cancel'

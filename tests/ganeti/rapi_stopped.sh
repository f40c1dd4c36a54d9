#!/bin/bash
# timeout: 120
# RAPI is stopped and started: what was known stays, exports are read, the mount recovers by itself.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
mount_cluster max_age=100000,retry_after=0
check "the nodes are seen" wait_until 30 seen 1 2 3 4
rapi() { on 1 /usr/lib/ganeti/daemon-util "$1" ganeti-rapi; }
at_end rapi start
rapi stop
soon "status says so" grep -Eiq '^error: .*(connect|refused|reach)' "$M/status"
check "ls does not wait" timeout 5 ls -lR "$M/instances" "$M/images" "$M/nodes"
check "an export is read" same_disk rest1 0 "$(inst rest1)/export/disk0.raw"
check "touch does not wait" eval 'timeout 10 touch "$(tar_of rest1)"; [ $? != 124 ]'
rapi start
soon "no error any more" eval '! grep -q ^error: "$M/status"'
hold_nodes
before=$(njobs rest1)
touch "$(tar_of rest1)"
soon "and jobs are submitted" has_job rest1 "$before"
gnt gnt-job cancel "$(last_job rest1)" >/dev/null 2>&1 || true

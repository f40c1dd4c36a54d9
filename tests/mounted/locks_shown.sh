#!/bin/bash
# The mount's status shows who holds and who waits for which lock, and the jobs that run.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_instance web2
add_gate
mount_cluster ''
check_no_match "no lock at rest" "$(cat "$M/status")" 'instance/?.*web1'
touch "$(tar_of web1)"
check "a run waits at the gate" wait_until 20 gate_reached
seen=$(cat "$M/status")
check_match "the job" "$seen" 'BACKUP_EXPORT\(web1.example.com\)'
check_match "the instance lock" "$seen" 'instance.*web1.example.com'
check_match "the node locks, shared" "$seen" 'node.*shared|shared.*node'
check_match "the instance's own status: the phase" "$(status_of web1)" '^phase: .*hook'
check_match "the state" "$(status_of web1)" '^job_state: running'
open_gate
soon "afterwards they are free" eval "! grep -q 'BACKUP_EXPORT(web1' '$M/status'"
check_match "metrics are Prometheus text" "$(cat "$M/metrics")" '^# TYPE gnt_exportfs_[a-z_]+ (counter|gauge)$'

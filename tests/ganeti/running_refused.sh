#!/bin/bash
# timeout: 90
# An instance that Ganeti could export only with downtime is refused before there is a job, which
# would leave it stopped.
. "$(dirname "$0")/../lib/ganeti.sh"
need run1
no_exports run1
mount_cluster max_age=0,linger=0,retry_after=0
before=$(njobs run1)
check "it runs" is_running run1
check_fails "a read is EBUSY" 'Device or resource busy' cat "$(tar_of run1)"
check_match "status says why" "$(status_of run1)" '^(error|refused): .*(snapshot|live|running)'
check_fails "a disk's likewise" 'Device or resource busy' cat "$(inst run1)/export/disk0.raw"
check_fails "touch likewise" 'Device or resource busy' touch "$(tar_of run1)"
set_params run1 'shutdown = True'
check_fails "a shutdown alone would not do" 'Device or resource busy' cat "$(tar_of run1)"
check_match "status says what would" "$(status_of run1)" 'long_sleep'
check_eq "no job was submitted" "$(njobs run1)" "$before"
check "it still runs" is_running run1
check_match "status names the cost" "$(status_of run1)" '^cost: '

#!/bin/bash
# A hook that neither writes nor ends is killed with its children, and counts as failed.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_hook node1 pre 60-hangs 'sleep 4321 & sleep 4321'
mount_cluster stall=2
check_fails "the reader gets EPERM" 'not permitted' timeout 40 cat "$(tar_of web1)"
check_match "status says why" "$(status_of web1)" '^error: .*60-hangs'
soon "its children are gone" eval '! pgrep -f "sleep 4321"'

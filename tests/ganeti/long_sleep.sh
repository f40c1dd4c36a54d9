#!/bin/bash
# timeout: 120
# With shutdown and long_sleep a running instance is stopped for its copy, and runs again.
. "$(dirname "$0")/../lib/ganeti.sh"
need run1
mount_cluster max_age=0,linger=60
set_params run1 'shutdown = True' 'long_sleep = True'
check "it runs" is_running run1
check "cp" cp "$(tar_of run1)" "$TMPDIR/run1.tar"
check "right to the bit" same_image run1 "$TMPDIR/run1.tar"
soon "the job is over" idle
check_match "it was stopped" "$(cat "$(inst run1)/log")" 'Shutting down instance'
soon "it runs again" is_running run1

#!/bin/bash
# timeout: 60
# After a run that failed readers get its error without another attempt for retry_after seconds, and
# then one is made.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_hook node1 pre 60-veto "[ -e '$TMPDIR/fine' ]"
mount_cluster retry_after=6
check_fails "vetoed" 'not permitted' cat "$(tar_of web1)"
check_match "the reason is in status" "$(status_of web1)" '^error: .*60-veto'
: >"$TMPDIR/fine"
check_fails "once more, at once: the same error" 'not permitted' cat "$(tar_of web1)"
check_eq "without another attempt" "$(runs)" 1
check "later it is tried again" wait_until 30 eval 'cp "$(tar_of web1)" "$TMPDIR/web1.tar"'
check_eq "once" "$(runs)" 2
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"

#!/bin/bash
# timeout: 90
# A drained job queue is no error of the mount: an export is refused for now, with the reason.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest3
mount_cluster max_age=0,linger=0,retry_after=0
before=$(njobs rest3)
gnt gnt-cluster queue drain # put_in_order ends it, should this test not
check_fails "a read fails" 'Resource temporarily unavailable\|Device or resource busy' cat "$(tar_of rest3)"
check_match "status says why" "$(status_of rest3)" '^(error|refused): .*drain'
check "the mount is well" ls -lR "$M/instances"
check_eq "no job" "$(njobs rest3)" "$before"
gnt gnt-cluster queue undrain
check "when it is not: cp" cp "$(tar_of rest3)" "$TMPDIR/rest3.tar"
check "right to the bit" same_image rest3 "$TMPDIR/rest3.tar"

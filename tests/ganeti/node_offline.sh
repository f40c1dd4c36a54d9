#!/bin/bash
# timeout: 120
# A node that is marked offline: EHOSTDOWN from its exports and to whoever wants one there.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 1
mount_cluster max_age=100000,retry_after=0
check "the nodes are seen" wait_until 30 seen 1 2 3 4
back() { gnt gnt-node add --readd --no-ssh-key-check "$(node_name 4)" >/dev/null 2>&1; }
at_end 'node_is 4 online || back'
gnt gnt-node modify -O yes node4 >/dev/null
soon "node4 shows as offline" node_is 4 offline
check_fails "listing its exports is EHOSTDOWN" 'Host is down' ls "$(node_at 4)/exports/"
before=$(njobs rest1)
check_fails "an export to it likewise" 'Host is down' touch "$(node_tar rest1 4)"
check_eq "and no job" "$(njobs rest1)" "$before"
check "ls of all else works" ls -lR "$M/instances" "$M/images"
check "an export on another node is read" cp "$(tar_of rest1)" "$TMPDIR/rest1.tar"
check "right to the bit" same_image rest1 "$TMPDIR/rest1.tar"
back
soon "online again" seen 4

#!/bin/bash
# A node with another host key than the cluster's is not talked to.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
ssh-keygen -q -t rsa -b 2048 -N '' -f "$TMPDIR/other"
echo "$(dom cluster) $(cut -d' ' -f1,2 "$TMPDIR/other.pub")" >"$TMPDIR/known_hosts"
cp "$GNT_ROOT/known_hosts" "$TMPDIR/right"
mount_cluster "max_age=0,linger=0,retry_after=0,known_hosts=$TMPDIR/known_hosts"
all_unreachable() { local n; for n in 1 2 3 4; do node_is $n unreachable || return; done; }
soon "all nodes are unreachable" all_unreachable
check_match "with the reason" "$(cat "$(node_at 4)/status")" '^error: .*host key|host identification'
check_fails "their exports are EHOSTUNREACH" 'No route to host' ls "$(node_at 4)/exports/"
check "what RAPI says is there" test -d "$(inst rest1)"
before=$(njobs rest1)
check_fails "no export to where nothing can be read" 'No route to host\|Host is down' cat "$(tar_of rest1)"
check_eq "and no job" "$(njobs rest1)" "$before"
cp "$TMPDIR/right" "$TMPDIR/known_hosts"
check "with the right key they come back" wait_until 90 seen 1 2 3 4

#!/bin/bash
# timeout: 180
# Another node becomes master while mounted: the mount follows, and exports go on.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
mount_cluster max_age=100000,retry_after=0
check "the nodes are seen" wait_until 30 seen 1 2 3 4
fail_over() { wait_until 60 on "$1" gnt-cluster master-failover; }
at_end 'on 1 gnt-node list || fail_over 1'
check "the other is master" fail_over 2
check "status says so" wait_until 60 grep -q "^master_node: $(node_name 2)" "$M/status"
soon "without an error" eval '! grep -q ^error: "$M/status"'
check "exports are read" same_disk rest1 0 "$(inst rest1)/export/disk0.raw"
check "and made" touch "$(node_tar rest1 1)"
check "to the end" wait_until 60 eval 'idle && [ "$(exported_to rest1)" = 1 ]'
check_match "which was a good one" "$(status_of rest1)" "^node: $(node_name 1)"
check "back again" fail_over 1
check "the mount follows" wait_until 60 grep -q "^master_node: $(node_name 1)" "$M/status"

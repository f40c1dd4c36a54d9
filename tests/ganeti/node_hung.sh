#!/bin/bash
# timeout: 120
# A node that swallows everything hangs nobody: metadata never waits, a read gets an error after
# `stall`, and all is well once it answers.
. "$(dirname "$0")/../lib/ganeti.sh"
need big1 rest1
need_export big1 4
mount_cluster max_age=100000,stall=6
check "the nodes are seen" wait_until 30 seen 1 2 3 4
cut_off() { inside ip link set gntx4 down; }
let_in() { inside ip link set gntx4 up; }
at_end let_in
dump=$(echo "$(node_export big1 4)"/*-*)
head -c 1000000 "$dump" | cmp -n 1000000 - <(disk_content big1 0) || fail "its exports can be read"
cut_off
for what in "ls -l $M/nodes" "ls -lR $M/instances" "stat $dump" "df $M" "cat $M/status"; do
    check "does not wait: ${what%% *}" timeout 5 $what
done
check_fails "a read ends" 'Connection timed out\|No route to host\|Input/output' \
    timeout 60 dd if="$dump" bs=1M skip=200 count=1 of=/dev/null
check "it shows as unreachable" wait_until 60 node_is 4 unreachable
check "another node does not wait" timeout 10 ls "$(node_at 2)/exports/"
let_in
check "it comes back by itself" wait_until 60 seen 4
check "right to the bit" same_disk big1 0 "$dump"

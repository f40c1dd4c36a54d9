#!/bin/bash
# df: the space of the nodes together, plausible, from memory.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for n in 1 2 3; do make_fs ext4 $((n * 32))M "$(exports_of node$n)"; done
mount_cluster ''
total=$(df --output=size -B1M "$M" | tail -1)
avail=$(df --output=avail -B1M "$M" | tail -1)
[ "$total" -gt 150 ] && [ "$total" -le 192 ] && pass "total" || fail "total" "$total MiB of 192"
[ "$avail" -gt 100 ] && [ "$avail" -le "$total" ] && pass "available" || fail "available" "$avail MiB"
check_eq "names up to 255 bytes" "$(stat -f -c %l "$M")" 255
check_match "a node's status: free and total" "$(cat "$M/nodes/node2.example.com/status")" '^free: *[0-9]+'
check_match "total" "$(cat "$M/nodes/node2.example.com/status")" '^total: *[0-9]+'

#!/bin/bash
# timeout: 120
# A node whose sshd does not run is unreachable, and its exports are EHOSTUNREACH, never empty.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
mount_cluster max_age=0,linger=0,retry_after=0
check "the nodes are seen" wait_until 30 seen 1 2 3 4
sshd_down() { on 4 pkill sshd || true; } # connections too, this one
sshd_up() { power_off 4; wait_until 20 eval '! is_ready 4'; power_on 4; wait_until 60 is_ready 4; }
at_end 'on 4 true || sshd_up'
sshd_down
soon "node4 shows as unreachable" node_is 4 unreachable
check_match "with the reason" "$(cat "$(node_at 4)/status")" '^error: .*(refused|closed|ssh|connect|lost)'
check_fails "listing its exports is EHOSTUNREACH" 'No route to host' ls "$(node_at 4)/exports/"
check_match "status of the mount says so" "$(cat "$M/status")" "$(node_name 4) unreachable"
check "the others are as before" seen 1 2 3
check "ls of all does not wait" timeout 5 ls -lR "$M/instances" "$M/images"
sshd_up
check "it comes back by itself" wait_until 60 seen 4
check "with its exports" cp -r "$(node_export rest1 4)" "$TMPDIR/x"
check "right to the bit" same_disk rest1 0 "$(echo "$TMPDIR"/x/*-*)"

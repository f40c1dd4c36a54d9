#!/bin/bash
# timeout: 90
# No room on the target: ENOSPC, and the export that was there stays.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
on 1 mount -t tmpfs -o size=4m,mode=700 none /var/lib/ganeti/export
at_end on 1 umount /var/lib/ganeti/export
mount_cluster max_age=0,linger=0,retry_after=0
check "the nodes are seen" wait_until 30 seen 1 2 3 4
check_match "status shows the room there is" "$(cat "$M/status")" "$(node_name 1) online, 0 exports, 4[0-9]{6} bytes free"
set_params rest1 'target_node = node1'
check_fails "a read is ENOSPC" 'No space left on device' cat "$(tar_of rest1)"
check_match "status says why" "$(status_of rest1)" '^(error|refused): .*(space|room|free|bytes)'
check "the export that was there is readable" same_disk rest1 0 "$(echo "$(node_export rest1 4)"/*-*)"

#!/bin/bash
# timeout: 120
# An export that fails on its node: EIO, the reason in status; what it has left there shows as left
# over and not as an export; the export that was there stays.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
mount_cluster max_age=0,linger=0,retry_after=0
check "the export is seen" wait_until 30 test -e "$(node_export rest1 4)/config.ini"
echo 'head -c 3000000 "$EXPORT_DEVICE"; echo out of luck >&2; exit 3' >"$CONTROL/$(dom rest1)"
set_params rest1 'target_node = node4'
check_fails "a read is EIO" 'Input/output error' cat "$(tar_of rest1)"
rm "$CONTROL/$(dom rest1)"
check_match "status says why" "$(status_of rest1)" '^error: .*(disk|export|fail)'
check "Ganeti has left something" test -d "$(export_on rest1 4).new"
check_no_match "which is no export" "$(ls "$(node_at 4)/exports" "$(node_at 4)/images")" '\.new'
soon "but shown as left over" eval 'cat "$(node_at 4)/status" "$(inst rest1)/status" | grep -Eiq "$(dom rest1)\.new|left.?over"'
check "the old export is readable" cp "$(node_tar rest1 4)" "$TMPDIR/old.tar"
check "and right" eval 'tar_disks "$TMPDIR/old.tar" | cmp - <(disk_content rest1 0)'
rm -r "$(export_on rest1 4).new"
soon "no word of it when it has gone" eval '! cat "$(node_at 4)/status" "$(inst rest1)/status" | grep -Eiq "$(dom rest1)\.new|left.?over"'

#!/bin/bash
# timeout: 400
# An upload to a node that is full, or that is killed in the middle: an error, and what was there
# before is there still, or again as soon as the node is back.
. "$(dirname "$0")/../lib/ganeti.sh"
need big1
need_export big1 3
mount_cluster max_age=100000,stall=60
soon "the export is there" grep -q '^export: fresh' "$(inst big1)/status"
check "it is pulled" cp "$(tar_of big1)" "$TMPDIR/big1.tar"
on 1 mkdir -p /var/lib/ganeti/export
on 1 mount -t tmpfs -o size=20m,mode=700 none /var/lib/ganeti/export
at_end on 1 umount /var/lib/ganeti/export
soon "node1 has little room" eval '[ "$(sed -n "s/^free: //p" "$(node_at 1)/status")" -lt 30000000 ]'
check_fails "there is no room" 'No space left on device' cp "$TMPDIR/big1.tar" "$(node_tar big1 1)"
check_match "status says so" "$(status_of big1)" '(space|room|free|bytes)'
check_eq "nothing is left there" "$(on 1 ls -A /var/lib/ganeti/export)" ""
check_eq "what was there is there still" "$(exported_to big1)" 3

# so much is known beforehand; now it fills up meanwhile
on 1 mount -o remount,size=400m /var/lib/ganeti/export
soon "node1 has room" eval '[ "$(sed -n "s/^free: //p" "$(node_at 1)/status")" -gt 300000000 ]'
cp "$TMPDIR/big1.tar" "$(node_tar big1 1)" 2>"$TMPDIR/said" & writer=$!
check "it is being sent" wait_until 150 eval 'on 1 ls -A /var/lib/ganeti/export | grep -q put'
on 1 sh -c 'head -c 390000000 /dev/zero >/var/lib/ganeti/export/eaten; true'
if wait $writer; then
    pass "it was faster"
else
    check_match "it ends with an error" "$(cat "$TMPDIR/said")" 'No space left'
    on 1 rm -f /var/lib/ganeti/export/eaten
    check_eq "nothing is left there" "$(on 1 ls -A /var/lib/ganeti/export)" ""
    check_eq "what was there is there still" "$(exported_to big1)" 3
fi
on 1 rm -rf /var/lib/ganeti/export/eaten "/var/lib/ganeti/export/$(dom big1)"

no_exports big1
need_export big1 4
soon "the export is seen" ls "$(node_export big1 4)/config.ini"
cp "$TMPDIR/big1.tar" "$(node_tar big1 4)" 2>"$TMPDIR/said" & writer=$!
check "it is being sent" wait_until 150 eval 'ls -A "$(exports_of 4)" | grep -q put'
power_off 4
check_wait_fails "the writer gets an error" $writer
check "the mount lives" timeout 10 ls -lR "$M/images"
check "the node shows as unreachable" wait_until 60 node_is 4 unreachable # not "online" of before
power_on 4
check "the node comes back" wait_until 90 seen 4
check "what was there is readable" same_disk big1 0 "$(echo "$(node_export big1 4)"/*-*)"
check "nothing else is left" wait_until 30 eval '[ -z "$(hidden_in "$(exports_of 4)")" ]'
check "then it works" cp "$TMPDIR/big1.tar" "$(node_tar big1 4)"
check "right to the bit" same_directory big1 "$(export_on big1 4)"

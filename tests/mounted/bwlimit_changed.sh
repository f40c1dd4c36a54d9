#!/bin/bash
# timeout: 120
# A limit that is changed while it is waited for; who waits can be stopped, and is not taken for
# hung.  The limit is such that nothing which waits for it ever ends.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 40M:dense
add_instance web2 --disk 40M:dense
mount_cluster bwlimit=1,stall=1,linger=0
copying() { status_of "$1" | grep -q '^phase: copying'; }
canceled() { status_of "$1" | grep -q '^job_state: canceled'; }

cp "$(tar_of web1)" "$TMPDIR/web1.tar" &
reader=$!
cp "$(tar_of web2)" "$TMPDIR/web2.tar" &
impatient=$!
check "it copies" wait_until 30 copying web1
check "another, too" wait_until 30 copying web2
sleep 13 # a run that gives no sign of life for ten seconds hangs
check "its reader waits" kill -0 $reader
check_match "it is not taken for hung" "$(cat "$M/status")" '^jobs_hung: 0$'
check_match "it is running" "$(status_of web1)" '^job_state: running$'
kill $impatient
wait $impatient || true
check "who waits for its share can be stopped" wait_until 10 canceled web2
check "and leaves nothing behind" wait_until 10 eval '! find "$C"/nodes/*/export -name "*web2*" | grep .'
echo 'bwlimit = 0' >"$M/params"
check_wait "with the limit gone it ends" $reader
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
check_no_match "status tells no limit" "$(cat "$M/status")" bwlimit

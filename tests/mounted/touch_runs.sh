#!/bin/bash
# touch of images/NAME.tar or instances/NAME/export runs the LU now, fresh or not.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster max_age=3600
touch "$(tar_of web1)"
soon "touch of the image runs it" eval '[ "$(runs)" = 1 ]'
wait_until 20 idle
touch "$(tar_of web1)"
soon "and again, though it is fresh" eval '[ "$(runs)" = 2 ]'
wait_until 20 idle
touch "$(inst web1)/export"
soon "touch of the directory" eval '[ "$(runs)" = 3 ]'
wait_until 20 idle
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "the result is right" same_image web1 "$TMPDIR/web1.tar"
check_eq "and was there already" "$(runs)" 3
touch -d '2020-01-01' "$(tar_of web1)" 2>/dev/null || true
touch -r "$C/cluster.ini" "$(tar_of web1)" 2>/dev/null || true
sleep 1
check_eq "explicit times mean nothing" "$(runs)" 3

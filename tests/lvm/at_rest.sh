#!/bin/bash
# timeout: 240
# Volumes of an instance that is down, or stopped for the copy, are copied themselves.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/lvm.sh"
make_cluster
make_vg vg 100M
make_lv vg/down 16M
make_lv vg/up 16M
make_lv vg/up.snap 4M
add_instance down --disk 16M:sparse
add_instance up --up --disk 16M:dense
on_volumes down vg/down
on_volumes up vg/up
mount_cluster max_age=0,linger=0
before=$(volumes)
check "down: cp" cp "$(tar_of down)" "$TMPDIR/down.tar"
check "right to the byte" same_image down "$TMPDIR/down.tar"
set_params up 'shutdown = True' 'long_sleep = True'
check "stopped for it: cp" cp "$(tar_of up)" "$TMPDIR/up.tar"
check "right to the byte" same_image up "$TMPDIR/up.tar"
soon "it runs again" is_running up
check_match "the log says why" "$(cat "$(inst up)/log")" 'vg/up.snap'
check_eq "the volumes are the same as before" "$(volumes)" "$before"

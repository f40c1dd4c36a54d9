#!/bin/bash
# shutdown and long_sleep: stopped, copied, started again; the order of it in the log.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
make_fs ext4 64M "$TMPDIR/ext4"
add_instance web1 --up --dir "$TMPDIR/ext4" --disk 10M:dense
echo mark >"$C/state/fake/web1.example.com"
mount_cluster ''
set_params web1 'shutdown = True' 'long_sleep = True'
check "cp" timeout 50 cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
soon "it is running again" is_running web1
check_no_match "it was stopped in between" "$(cat "$C/state/fake/web1.example.com")" mark
log=$(cat "$(inst web1)/log")
check_match "the log: shutting down" "$log" 'shut.*down.*web1'
check_match "the log: starting" "$log" 'start.*web1'

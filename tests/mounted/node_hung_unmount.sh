#!/bin/bash
# A mount with a hung node can be unmounted, in the middle of an export to it, with readers and open
# files; the next one puts in order what was left.
# timeout: 180
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
add_instance old --disk 1M:dense
add_instance web1 --up --disk 8M:dense
serve_node node2 --write-rate=1M
mount_cluster ''
touch_export old node2
set_params web1 'shutdown = True' 'long_sleep = True'
exec 7<"$M/nodes/node2.example.com/exports/old.example.com/disk0.raw"
exec 8<"$(tar_of old)"
touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
check "a copy has begun" wait_until 20 staged node2 web1
stop_server node2
timeout 100 cat <&7 >/dev/null 2>&1 & one=$!
timeout 100 cat "$(tar_of old)" >/dev/null 2>&1 & two=$!
sleep 1
exec 7<&- 8<&-
kill $one $two
wait $one $two || true
check "the mount can be taken away" umount "$M"
check "it is away" eval '! mountpoint -q "$M"'
soon "the instance runs again" is_running web1
# What the server had begun to answer no signal ends: the kernel waits for that, and so the process.
continue_server node2
check_wait "the daemon ends well, at the latest when the server answers" "${daemons[$M]}"
unset "daemons[$M]"
mount_cluster ''
check "the instance runs" is_running web1
soon "what was staged is gone" eval '! ls -A "$(served node2)" | grep "^[.]"'
soon "nothing is noted any more" eval '! ls -A "$C/state/journal" | grep .'
check "the old export is as it was" same_directory old "$(served node2)/old.example.com"
touch_export web1 node2
check "exports work" same_directory web1 "$(served node2)/web1.example.com"

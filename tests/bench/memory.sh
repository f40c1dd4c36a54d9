#!/bin/bash
# timeout: 1200
# The daemon's memory with 16 exports of sparse disks of 10 TiB at once and 64 readers of them.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
make_cluster
make_fs xfs 4G "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
for i in {1..16}; do
    add_instance big$i --disk 1M:empty
    dense_file "$(disk_of big$i)" $((8 << 20))
    truncate -s 10T "$(disk_of big$i)" || skip "this file system has no files of 10 TiB"
done
mount_cluster max_jobs=16,target_node=node2
readers=()
for i in {1..16}; do
    for what in "$(tar_of big$i)" "$(inst big$i)/export/disk0.raw"; do
        for start in 0 4; do
            dd if="$what" of=/dev/null bs=1M skip=$start status=none 2>/dev/null &
            readers+=($!)
        done
    done
done
wait_until 60 eval "[ \$(sed -n 's/^jobs_running: //p' $M/status) = 16 ]"
check_eq "sixteen exports run" "$(sed -n 's/^jobs_running: //p' "$M/status")" 16
sleep 5
early=$(memory VmRSS)
sleep 30
sample peak "$(memory VmHWM)"
sample growth "$(awk "BEGIN { print $(memory VmRSS) - $early }")"
check_eq "they still run" "$(sed -n 's/^jobs_running: //p' "$M/status")" 16
kill "${readers[@]}"
wait "${readers[@]}" || true
compare '16 exports, 64 readers: at most' value peak MiB '<= 48'
compare 'growth in half a minute' value growth MiB '<= 1'

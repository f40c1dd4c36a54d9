#!/bin/bash
# DESIGN §2, -o hold: readers of two mounts together do not keep an export fresh for longer.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense
other=$TMPDIR/mnt2
options=max_age=3600,linger=3000,hold=10000
mount_cluster $options
mount_cluster $options "$other"
tar=images/web1.example.com.tar
stamps() { stat -c %Y "$M/$tar" "$other/$tar" | xargs; }
# make_old SECONDS: as if it had been published so long ago, which both mounts see
make_old()
{
    local dir shown at
    wait_until 20 idle
    dir=$(ls -d "$C"/nodes/*/export/web1.example.com)
    touch -d "$1 seconds ago" "$dir"
    shown="published: $(date -u -r "$dir" +%FT%TZ)"
    for at in "$M" "$other"; do
        soon "seen" grep -qx "$shown" "$at/instances/web1.example.com/status"
    done
}
cat "$other/$tar" >/dev/null
soon "the run is over" eval 'M=$other idle'
change_disk web1
stamp=$(stat -c %Y "$other/$tar")
make_old 8000
check_eq "read through one, fresh for both" "$(stamps)" "$stamp $stamp"
cat "$M/$tar" "$other/$tar" >/dev/null
check_eq "so no run" "$(runs)" 1
make_old 11000
check "after hold it is stale for both" eval '[[ " $(stamps) " != *" '"$stamp"' "* ]]'
check_eq "and they promise the same" "$(stamps | tr ' ' '\n' | sort -u | wc -l)" 1
cat "$other/$tar" >/dev/null
cat "$M/$tar" >/dev/null
check_eq "the next is made once, for both" "$(runs)" 2

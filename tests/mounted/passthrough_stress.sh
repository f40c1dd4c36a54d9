#!/bin/bash
# timeout: 180
# Eight processes open, read, map and close the same files while exports replace each other: no open
# and no read fails.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/passthrough.sh"
make_cluster
add_instance web1 --disk 1M:dense --disk 1M:dense
mount_cluster ''
needs_passthrough
touch_export web1
readers=()
for seed in $(seq 8); do
    python3 "$passthrough_py" stress "$seed" 1500 "$(inst web1)"/export/disk{0,1}.raw \
        "$M"/nodes/*/exports/web1.example.com/disk0.raw 2>&1 & readers+=($!)
done
for _ in 1 2 3; do touch_export web1; done
for pid in "${readers[@]}"; do check_wait "reader $pid" "$pid"; done
touch_export web1
exec 7<"$(inst web1)/export/disk0.raw"
check "the kernel reads by itself afterwards" passes 7
exec 7<&-

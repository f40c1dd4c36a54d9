#!/bin/bash
# umount -l: what is open is read on, and with the last of it the daemon ends well.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense
for round in 1 2 3 4 5; do
    mount_cluster ''
    exec 3<"$(inst web1)/export/disk0.raw"
    head -c 1000 <&3 >"$TMPDIR/disk"
    soon "$round: idle" idle
    umount -l "$M"
    cat <&3 >>"$TMPDIR/disk"
    check "$round: right to the byte" cmp "$TMPDIR/disk" "$(disk_of web1)"
    exec 3<&-
    check_wait "$round: the daemon ends well" "${daemons[$M]}"
    unset "daemons[$M]"
done

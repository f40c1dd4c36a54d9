#!/bin/bash
# A daemon that may not hand files to the kernel reads them itself, and says so in status.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/passthrough.sh"
[ -u "$(command -v fusermount3)" ] || skip "there is no fusermount3 for other users"
make_cluster
add_instance web1 --disk 1M:dense
mount_cluster ''
needs_passthrough
unmount
chown -R 65534:65534 "$TMPDIR"
chmod o+rw /dev/fuse 2>/dev/null || true
# root itself is not let in
setpriv --reuid 65534 --regid 65534 --clear-groups "$GNT" -f "$C" "$M" >"$TMPDIR/daemon.log" 2>&1 &
daemons[$M]=$!
soon "another user mounts" grep -q 'is mounted on' "$TMPDIR/daemon.log"
check_match "status tells why" "$(nobody cat "$M/status")" '^passthrough: no \(.*CAP_SYS_ADMIN'
for _ in 1 2; do
    check "an image is right" cmp - "$(disk_of web1)" < <(nobody cat "$(inst web1)/export/disk0.raw")
done
check_eq "one export" "$(runs)" 1

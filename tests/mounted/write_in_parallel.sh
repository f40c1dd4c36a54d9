#!/bin/bash
# Several files of a directory are written at once, as rclone does: to close one does not wait for
# the others; the last one makes it whole.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:dense --disk 3M:dense
mount_cluster ''
pull web1
from=$TMPDIR/pulled/web1.example.com
to=$(node_export web1 3)
mkdir "$to"
# writes the beginning of disk1 again and again until told to stop, and then all of it
python3 - "$from/disk1.raw" "$to/disk1.raw" "$TMPDIR/stop" <<'PY' & busy=$!
import os, sys
data = open(sys.argv[1], "rb").read()
fd = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT)
at = 0
while not os.path.exists(sys.argv[3]):
    os.pwrite(fd, data[at:at + 4096], at)
    at = (at + 4096) % (1 << 20)
for at in range(0, len(data), 65536):
    os.pwrite(fd, data[at:at + 65536], at)
os.close(fd)
PY
soon "one is being written" test -s "$to/disk1.raw"
for file in config.ini XXH128SUMS disk0.raw; do
    check "$file beside it" timeout 30 cp "$from/$file" "$to/"
done
check_eq "nothing was exported yet" "$(runs)" 1
: >"$TMPDIR/stop"
check_wait "the last one ends" $busy
check "published" published web1 3 "$TMPDIR/web1.tar"

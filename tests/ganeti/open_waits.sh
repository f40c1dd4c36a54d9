#!/bin/bash
# timeout: 150
# A dump made by an OS script may have any length, also none: the open waits for the export, and then
# fstat is exact.  stat starts nothing.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest3 rest4
# after FILE: its size by fstat after the open, and how many bytes there are
after()
{
    python3 -c '
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
size, n = os.fstat(fd).st_size, 0
while data := os.read(fd, 1 << 20):
    n += len(data)
print(size, n, os.stat(sys.argv[1]).st_size)' "$1"
}
mount_cluster max_age=0,linger=60,retry_after=0
echo 'dd if="$EXPORT_DEVICE" bs=1M count=3 status=none; echo end; exit 0' >"$CONTROL/$(dom rest3)"
echo 'exit 0' >"$CONTROL/$(dom rest4)"
before=$(njobs rest3)
stat "$(inst rest3)/export/disk0.raw" "$(tar_of rest3)" >/dev/null
check_eq "stat starts nothing" "$(njobs rest3)" "$before"
hold_nodes
check_fails "an open that waits can be interrupted" '' timeout 3 cat "$(inst rest3)/export/disk0.raw"
soon "and its job is cancelled" eval 'job_is "$(last_job rest3)" canceled'
release_nodes
soon "nothing runs" idle
check_eq "a dump shorter than its disk: fstat, read, stat" "$(after "$(inst rest3)/export/disk0.raw")" '3145732 3145732 3145732'
check "the archive" cp "$(tar_of rest3)" "$TMPDIR/rest3.tar"
check_eq "has its size" "$(stat -c %s "$TMPDIR/rest3.tar")" "$(stat -c %s "$(tar_of rest3)")"
check "and its dump" eval 'tar -xOf "$TMPDIR/rest3.tar" --wildcards "*/disk0.raw" | cmp - <(disk_content rest3 0 | head -c 3M; echo end)'
check "sums" eval 'cp -r "$(inst rest3)/export" "$TMPDIR/x" && cd "$TMPDIR/x" && xxhsum -c --quiet XXH128SUMS'
check_eq "no dump at all" "$(after "$(inst rest4)/export/disk0.raw")" '0 0 0'
check "its archive" tar -tf "$(tar_of rest4)"
no_exports rest3
no_exports rest4

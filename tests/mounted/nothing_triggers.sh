#!/bin/bash
# DESIGN §2, first row: what never starts an export.  One check for each act.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up
add_instance db1
mount_cluster max_age=0,linger=0
touch_export db1 node2     # one export lies on a node, to be looked at
before=$(runs)

# quiet WHAT COMMAND...: works, and no LU runs.
quiet()
{
    check "$@"
    check_eq "$1: starts nothing" "$(runs)" "$before"
}

quiet "stat" stat "$(tar_of web1)" "$(inst web1)/export/disk0.raw"
quiet "ls -lR" ls -lRa "$M"
quiet "find" find "$M" -size +1 -newer "$C/cluster.ini"
quiet "du" du -a "$M"
quiet "test -r" test -r "$(tar_of web1)" -a -r "$(inst web1)/export/disk0.raw"
quiet "listing extended attributes" python3 -c 'import os, sys
for f in sys.argv[1:]:
    try: os.listxattr(f)
    except OSError as e: assert e.errno == 95, e' "$(tar_of web1)" "$(inst web1)/export"
quiet "open and close" python3 "$image_py" open "$(tar_of web1)"
quiet "open and close of a disk" python3 "$image_py" open "$(inst web1)/export/disk0.raw"
quiet "the instance's config.ini" cat "$(inst web1)/config.ini"
quiet "params" cat "$(inst web1)/params"
quiet "writing params" set_params web1 'priority = 0'
quiet "status" cat "$(inst web1)/status" "$M/status"
quiet "log" cat "$(inst web1)/log"
quiet "metrics" cat "$M/metrics"
quiet "an export on its node" cp -r "$M/nodes/node2.example.com/exports/db1.example.com" "$TMPDIR/x"
quiet "the same as one file" cp "$M/nodes/node2.example.com/images/db1.example.com.tar" "$TMPDIR/x.tar"
quiet "nodes' status" cat "$M"/nodes/*/status
quiet "df" df "$M"
quiet "lseek(SEEK_SET) and fstat" python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.lseek(fd, 4096, os.SEEK_SET), os.lseek(fd, 0, os.SEEK_END), os.fstat(fd)' "$(tar_of web1)"
check_fails "truncation is refused" . truncate -s 0 "$(tar_of web1)"
check_eq "and starts nothing" "$(runs)" "$before"
check "web1 was not disturbed" is_running web1
check_eq "no export of web1 anywhere" "$(ls -d "$C"/nodes/*/export/web1* 2>/dev/null || true)" ''

#!/bin/bash
# instances/NAME/export pulled with cp -r and with rsync -a.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 5M:hole-start --disk 70000:hole-end
add_instance db1 --disk 3M
mount_cluster ''
check "cp -r" cp -r "$(inst web1)/export" "$TMPDIR/web1"
check "all of it is right" same_directory web1 "$TMPDIR/web1"
check "rsync -a of the export" rsync -a "$(inst db1)/export/" "$TMPDIR/db1"
check "all of it is right" same_directory db1 "$TMPDIR/db1"
check_eq "one run each" "$(sort "$RUNS")" $'db1.example.com\nweb1.example.com'
check "rsync -a of everything" rsync -a "$M/images/" "$TMPDIR/images"
check "web1" same_image web1 "$TMPDIR/images/web1.example.com.tar"
check "db1" same_image db1 "$TMPDIR/images/db1.example.com.tar"
check_eq "a second rsync moves nothing" "$(rsync -ai "$M/images/" "$TMPDIR/images" | grep '^>' || true)" ''
check_eq "and no LU ran for it" "$(runs)" 2
check "cp -a --sparse=always of the instances" cp -a --sparse=always "$M/instances" "$TMPDIR/all"
check "web1's export in it" same_directory web1 "$TMPDIR/all/web1.example.com/export"

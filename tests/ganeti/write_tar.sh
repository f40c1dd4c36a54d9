#!/bin/bash
# timeout: 180
# A pulled archive is written to another node: it is that export, there and nowhere else, and
# gnt-backup import takes it.
. "$(dirname "$0")/../lib/ganeti.sh"
need two1
need_export two1 3
mount_cluster max_age=100000
soon "the export is there" grep -q '^export: fresh' "$(inst two1)/status"
check "it is pulled" cp "$(tar_of two1)" "$TMPDIR/two1.tar"
before=$(njobs two1)
old_t=$(stat -c %Y "$(tar_of two1)")
check "cp to node4" cp "$TMPDIR/two1.tar" "$(node_tar two1 4)"
check_eq "it is there, and the older one has gone" "$(exported_to two1)" 4
check_eq "with nothing beside it" "$(ls -A "$(exports_of 4)" | grep -c "two1")" 1
check "the dumps are identical" same_directory two1 "$(export_on two1 4)"
soon "it is read back to the bit" cmp "$TMPDIR/two1.tar" "$(tar_of two1)"
check_eq "by the name of the node, too" "$(cmp "$TMPDIR/two1.tar" "$(node_tar two1 4)" 2>&1)" ""
check "it is another version of the image" [ "$(stat -c %Y "$(tar_of two1)")" -gt "$old_t" ]
check_eq "its files have the time of that" "$(stat -c %Y "$(export_on two1 4)/config.ini")" "$(stat -c %Y "$(tar_of two1)")"
check_match "the log tells" "$(cat "$(inst two1)/log")" 'Finalizing export on node4'
check_eq "no job was needed" "$(njobs two1)" "$before"
at_end gnt gnt-instance remove -f "$(dom new2)"
check "it is imported" import_as new2 4 "$(dom two1)"
check "its disks are identical" imported_like new2 two1

check "cp once more, in place of it" cp "$TMPDIR/two1.tar" "$(node_tar two1 4)"
check "the dumps are identical" same_directory two1 "$(export_on two1 4)"
check "cp to where images are" cp "$TMPDIR/two1.tar" "$M/images/"
check_eq "that is where it was" "$(exported_to two1)" 4
check_eq "nothing is left behind" "$(ls -A "$(exports_of 4)" "$TMPDIR/state/spool" | grep -c '^\.')" 0

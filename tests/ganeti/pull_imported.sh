#!/bin/bash
# timeout: 150
# gnt-backup import takes what was pulled: the directory, and the archive unpacked.
. "$(dirname "$0")/../lib/ganeti.sh"
need two1
need_export two1 4
mount_cluster max_age=100000
soon "the export is there" grep -q '^export: fresh' "$(inst two1)/status"
before=$(njobs two1)
check "cp -r" cp -r "$(inst two1)/export" "$(exports_of 1)/pulled-directory"
at_end rm -rf "$(exports_of 1)/pulled-directory"
check "tar" tar -C "$TMPDIR" -xf "$(tar_of two1)"
check_eq "of the export that was there" "$(njobs two1)" "$before"
mv "$TMPDIR/$(dom two1)" "$(exports_of 3)/pulled-tar"
at_end rm -rf "$(exports_of 3)/pulled-tar"
at_end gnt gnt-instance remove -f "$(dom new1)"
check "the directory is imported" import_as new1 1 pulled-directory
check "its disks are identical" imported_like new1 two1
at_end gnt gnt-instance remove -f "$(dom new3)"
check "the archive is imported" import_as new3 3 pulled-tar
check "its disks are identical" imported_like new3 two1
check_eq "with the names of the disks" "$(gnt gnt-instance list --no-headers -o disk.names "$(dom new3)" | tr -d " '[]")" root,data

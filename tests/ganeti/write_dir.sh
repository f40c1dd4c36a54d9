#!/bin/bash
# timeout: 120
# A pulled directory is written to a node by cp -r and by rsync.
. "$(dirname "$0")/../lib/ganeti.sh"
need two2
need_export two2 3
mount_cluster max_age=100000
soon "the export is there" grep -q '^export: fresh' "$(inst two2)/status"
mkdir "$TMPDIR/x"
check "it is pulled" cp -r "$(inst two2)/export" "$TMPDIR/x/$(dom two2)"
there() { [ "$(exported_to two2)" = "$1" ] && same_directory two2 "$(export_on two2 "$1")"; }
check "cp -r" cp -r "$TMPDIR/x/$(dom two2)" "$(node_at 4)/exports/"
soon "it is there, right to the bit" there 4
check "rsync -a" rsync -a "$TMPDIR/x/$(dom two2)" "$(node_at 1)/exports/"
soon "it is there, and nowhere else" there 1
rm "$TMPDIR/x/$(dom two2)/XXH128SUMS"
check "without checksums" cp -r "$TMPDIR/x/$(dom two2)" "$(node_at 2)/exports/"
check "it is published, and gets them" wait_until 60 there 2
# as Ganeti itself names its dumps
need_export two2 3
soon "an export of Ganeti's is seen" ls "$(node_export two2 3)/config.ini"
mkdir "$TMPDIR/y"
check "it is copied as it lies there" cp -r "$(node_export two2 3)" "$TMPDIR/y/"
check "and written as it is" cp -r "$TMPDIR/y/$(dom two2)" "$(node_at 4)/exports/"
check "it is published" wait_until 60 eval '[ "$(exported_to two2)" = 4 ]'
check "byte for byte" diff -r -x XXH128SUMS "$TMPDIR/y/$(dom two2)" "$(export_on two2 4)"
soon "the image is right" eval 'cp "$(tar_of two2)" "$TMPDIR/two2.tar" && same_image two2 "$TMPDIR/two2.tar"'

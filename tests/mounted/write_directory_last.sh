#!/bin/bash
# timeout: 120
# A directory is exported whichever of its files comes last, and however: an empty dump, without a
# write; a rename while what the one before has set off is still looked at; or just before unmount.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 64M:dense --disk 1M:dense
add_instance db1 --disk 1M:dense
mount_cluster ''
pull web1
pull db1
from=$TMPDIR/pulled/web1.example.com
to=$(node_export web1 3)
mkdir "$to"
cp "$from"/disk?.raw "$from/config.ini" "$to/"
cp "$from/XXH128SUMS" "$to/.sums"
check "renamed there and back while it is looked at" python3 - "$to" <<'END'
import os, sys
os.chdir(sys.argv[1])
os.rename(".sums", "XXH128SUMS")
try:
    os.rename("XXH128SUMS", ".sums")
except OSError:  # it is being exported already
    sys.exit()
os.rename(".sums", "XXH128SUMS")
END
soon "published" published web1 3 "$TMPDIR/web1.tar"

to=$(node_export web1 1)
mkdir "$to"
for file in config.ini disk0.raw XXH128SUMS; do cp "$from/$file" "$to/"; done
cp "$from/disk1.raw" "$to/.disk1.raw.part"
mv "$to/.disk1.raw.part" "$to/disk1.raw"
unmount
mount_cluster ''
check "renamed just before an unmount: nothing is lost" published web1 1 "$TMPDIR/web1.tar"

from=$TMPDIR/pulled/db1.example.com
: >"$from/disk0.raw"
to=$(node_export db1 3)
mkdir "$to"
cp "$from/config.ini" "$to/"
cp "$from/disk0.raw" "$to/"
soon "an empty dump that comes last" eval '[ -e "$(exports_of node3)/db1.example.com/disk0.raw" ]'
soon "nothing is staged" nothing_staged

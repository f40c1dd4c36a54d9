#!/bin/bash
# timeout: 120
# DESIGN §2: a directory written into nodes/N/exports is that export once it is whole.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 5M:hole-middle --disk 1234567:dense
mount_cluster ''
pull web1
from=$TMPDIR/pulled/web1.example.com
to=2
written()
{
    local what=$1
    shift
    to=$((to % 3 + 1))
    into=$M/nodes/node$to.example.com/exports
    check "$what: without a word" check_silent "$@"
    soon "$what: bit-identical, and there alone" published web1 $to "$TMPDIR/web1.tar"
}
check_silent() { local said; said=$("$@" 2>&1) && [ -z "$said" ] || { echo "$said"; return 1; }; }
written "cp -r" eval 'cp -r "$from" "$into/"'
written "cp -a" eval 'cp -a "$from" "$into/"'
written "rsync -a" eval 'rsync -a "$from" "$into/"'
written "rsync -a --inplace" eval 'rsync -a --inplace "$from" "$into/"'
written "tar -x" eval 'tar -C "$into" -xf "$TMPDIR/web1.tar"'
written "bsdtar -x" eval 'bsdtar -C "$into" -xf "$TMPDIR/web1.tar"'
written "a pipe of tars" eval 'tar -C "$TMPDIR/pulled" -cf - web1.example.com | tar -C "$into" -xpf -'

by_rename() { for f in disk1.raw config.ini XXH128SUMS disk0.raw; do cp "$from/$f" "$1/$f.partial" && mv "$1/$f.partial" "$1/$f" || return; done; }
written "temporary names, renamed" eval 'mkdir "$into/web1.example.com" && by_rename "$into/web1.example.com"'

# without checksums it is whole when nobody has written for some seconds
mkdir "$TMPDIR/bare"
cp -r "$from" "$TMPDIR/bare/"
rm "$TMPDIR/bare/web1.example.com/XXH128SUMS"
to=$((to % 3 + 1))
check "without checksums" cp -r "$TMPDIR/bare/web1.example.com" "$M/nodes/node$to.example.com/exports/"
soon "it is published, too, and gets them" published web1 $to "$TMPDIR/web1.tar"
to=$((to % 3 + 1))
check "and at an unmount" cp -r "$TMPDIR/bare/web1.example.com" "$M/nodes/node$to.example.com/exports/"
unmount
mount_cluster ''
check "nothing is lost" published web1 $to "$TMPDIR/web1.tar"
check "nothing is staged" nothing_staged

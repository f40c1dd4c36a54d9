#!/bin/bash
# That an image was written not long ago does not make rm lie about it: it removes what is published,
# with -o manage, and refuses to without.  A staged directory with files is no empty one.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 1M:dense
mount_cluster ''
pull web1
tar=$TMPDIR/web1.tar
check "written" cp "$tar" "$(node_tar web1 3)"
check_fails "without -o manage it is not removed" 'not permitted' rm "$(node_tar web1 3)"
check "it is there" published web1 3 "$tar"
check "written by the rule" cp "$tar" "$M/images/web1.example.com.tar"
check_fails "nor is that" 'not permitted' rm "$M/images/web1.example.com.tar"
unmount
mount_cluster manage
check "written" cp "$tar" "$(node_tar web1 1)"
check "published" published web1 1 "$tar"
check "with it, it is" rm "$(node_tar web1 1)"
soon "gone" eval '! ls -d "$C"/nodes/*/export/web1.example.com'
dir=$(node_export web1 2)
mkdir "$dir"
cp "$TMPDIR/pulled/web1.example.com/config.ini" "$dir/"
check_fails "a staged directory with a file in it" 'not empty' rmdir "$dir"
check "without" eval 'rm "$dir/config.ini" && rmdir "$dir"'
soon "nothing is staged" nothing_staged

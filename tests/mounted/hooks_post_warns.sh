#!/bin/bash
# A post hook that fails only warns, in the log.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_hook node1 post 10-fails 'echo sorry about that; exit 1'
add_hook node1 post 20-silent 'exit 2'
mount_cluster ''
check "the reader gets the image" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "it is right" same_image web1 "$TMPDIR/web1.tar"
soon "the log has the output" grep -q 'sorry about that' "$(inst web1)/log"
soon "also of a silent one" grep -q '20-silent failed' "$(inst web1)/log"
check_no_match "no error" "$(status_of web1)" '^error: .*10-fails'

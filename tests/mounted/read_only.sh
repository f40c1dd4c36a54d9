#!/bin/bash
# -o ro: images are served and read, nothing can be touched or written.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ro
check_match "mounted ro" "$(findmnt -n -o OPTIONS "$M")" '(^|,)ro(,|$)'
check_fails "touch" 'Read-only' touch "$(tar_of web1)"
check_fails "params" 'Read-only' sh -c "echo >'$(inst web1)/params'"
check_fails "a new image" 'Read-only' touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
check_eq "nothing ran" "$(runs)" 0
check "reading still exports" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"

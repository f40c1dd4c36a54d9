#!/bin/bash
# mount -t fuse.gnt-exportfs CLUSTER DIRECTORY works as from /etc/fstab.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/sbin.sh"
make_cluster
add_instance web1
mkdir "$M"
own_sbin
check "mounts" mount -t fuse.gnt-exportfs -o ro,allow_other,max_age=60 "$C" "$M"
check "the tree is there" test -e "$(tar_of web1)"
check_match "read-only" "$(findmnt -n -o OPTIONS "$M")" '(^|,)ro(,|$)'
check "umount" umount "$M"

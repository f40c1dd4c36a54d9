#!/bin/bash
# Every other way to change something is refused, with an errno that says so, and changes nothing.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
touch_export web1 node2
n=$M/nodes/node2.example.com
before=$(find "$C" -type f | sort)
no='not permitted\|denied\|not supported\|Read-only\|not implemented'
check_fails "rm of an image" "$no" rm -f "$(tar_of web1)"
check_fails "rm of a copy" "$no" rm -f "$n/images/web1.example.com.tar"
check_fails "rm -r of an export" "$no" rm -rf "$n/exports/web1.example.com"
check_fails "rm -rf of everything" "$no" rm -rf "$M"/nodes "$M"/instances "$M"/images
check_fails "mkdir" "$no" mkdir "$M/instances/new"
check_fails "mkdir of an export" "$no" mkdir "$n/exports/new"
check_fails "mv" "$no" mv "$(tar_of web1)" "$M/images/other.tar"
check_fails "ln" "$no" ln "$(tar_of web1)" "$M/images/other.tar"
check_fails "ln -s" "$no" ln -s x "$M/images/other.tar"
check_fails "mknod" "$no" mknod "$M/images/fifo" p
check_fails "a stray file" "$no" touch "$M/images/other.txt"
check_fails "writing to an image" "$no" sh -c "echo x >>'$(tar_of web1)'"
check_fails "writing to status" "$no" sh -c "echo x >'$M/status'"
check_fails "chmod" "$no" chmod 777 "$(tar_of web1)"
check_fails "chown" "$no" chown 1 "$(tar_of web1)"
check_eq "all is still there" "$(find "$C" -type f | sort)" "$before"
check "and readable" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right" same_image web1 "$TMPDIR/web1.tar"

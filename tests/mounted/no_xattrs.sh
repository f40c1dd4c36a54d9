#!/bin/bash
# Files here have neither ACLs nor other extended attributes, which is said so that tools believe it
# of the whole mount (ls does not ask for each file), and that copying with them works.
. "$(dirname "$0")/../lib/cluster.sh"
command -v strace >/dev/null || skip "there is no strace"
make_cluster
add_instance web1 --disk 4
add_instance web2 --disk 4
mount_cluster max_age=100000
export=$(inst web1)/export
check "an export" cp -r "$export" "$TMPDIR/first"

check_eq "no file has any" "$(find "$M" ! -type l -print0 | python3 -c '
import os, sys
for file in sys.stdin.read().split("\0")[:-1]:
    for name in "system.posix_acl_access", "security.selinux", "security.capability", "user.mine":
        try:
            print(os.getxattr(file, name), name, file)
        except OSError as e:
            print(e.strerror)' | sort -u)" 'Operation not supported'
strace -e trace='/getxattr' -o "$TMPDIR/calls" ls -lR "$M" >"$TMPDIR/listing"
check "ls gives up with the first file" [ "$(grep -c getxattr "$TMPDIR/calls")" -le 4 ]

check "cp -a" cp -a "$export" "$TMPDIR/cp"
check "is right" diff -r "$export" "$TMPDIR/cp"
check "rsync -aAX" rsync -aAX "$export/" "$TMPDIR/rsync/"
check "is right" diff -r "$export" "$TMPDIR/rsync"
check "tar --acls --xattrs" tar --acls --xattrs -cf "$TMPDIR/x.tar" -C "$export" .
mkdir "$TMPDIR/tar"
check "is unpacked" tar --acls --xattrs -xf "$TMPDIR/x.tar" -C "$TMPDIR/tar"
check "is right" diff -r "$export" "$TMPDIR/tar"

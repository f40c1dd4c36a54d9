#!/bin/bash
# make install puts everything in its place, make uninstall takes all of it away.
. "$(dirname "$0")/../lib/cluster.sh"
cd "$LIB/../.."
to=$TMPDIR/root
build() { make -s BINARY="$GNT" DESTDIR="$to" PREFIX=/opt/gnt "$@"; }
check "make install" build install
check_eq "what is there" "$(cd "$to" && find . -type f | sort)" "$(sort <<'END'
./opt/gnt/lib/systemd/system/gnt-exportfs@.service
./opt/gnt/sbin/gnt-exportfs
./opt/gnt/share/bash-completion/completions/gnt-exportfs
./opt/gnt/share/doc/gnt-exportfs/README.md
./opt/gnt/share/doc/gnt-exportfs/recipes/README.md
./opt/gnt/share/doc/gnt-exportfs/recipes/borg
./opt/gnt/share/doc/gnt-exportfs/recipes/rclone
./opt/gnt/share/doc/gnt-exportfs/recipes/restic
./opt/gnt/share/doc/gnt-exportfs/recipes/rsync
./opt/gnt/share/doc/gnt-exportfs/recipes/tar
./opt/gnt/share/doc/gnt-exportfs/updatedb.prunefs
./opt/gnt/share/man/man8/gnt-exportfs.8
./sbin/mount.fuse.gnt-exportfs
END
)"
check "the unit knows where" grep -q '^ExecStart=/opt/gnt/sbin/gnt-exportfs -f' "$to/opt/gnt/lib/systemd/system/gnt-exportfs@.service"
check "the binary works there" "$to/opt/gnt/sbin/gnt-exportfs" --version
check "make uninstall" build uninstall
check_eq "nothing is left" "$(find "$to" -type f)" ''

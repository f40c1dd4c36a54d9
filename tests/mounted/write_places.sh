#!/bin/bash
# Files of a directory that is being written come and go under whoever has them open: what he writes
# never gets into another, and nothing falls over what is not there any more.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 1M:dense
mount_cluster ''
pull web1
dir=$(node_export web1 3)
check_eq "a file that was unlinked is not the next one" "$(python3 - "$dir" <<'END'
import errno, os, sys
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
flags = os.O_RDWR | os.O_CREAT
def attempt(act):
    try:
        return act()
    except OSError as e:
        return errno.errorcode[e.errno]
for written in b"", b"some":
    one = os.open("one", flags)
    os.write(one, written)
    os.unlink("one")
    two = os.open("two", flags)
    print(attempt(lambda: os.write(one, b"EVIL")), attempt(lambda: os.ftruncate(one, 1000)))
    print(os.pread(two, 1000, 0), os.fstat(two).st_size)
    os.close(one)
    os.close(two)
    os.unlink("two")
os.rmdir(sys.argv[1])
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
one = os.open("one", flags)
os.ftruncate(one, 1000)
os.unlink("one")
print(attempt(lambda: os.write(one, b"EVIL")), attempt(lambda: os.close(one)))
END
)" $'ESTALE ESTALE\nb\'\' 0\nESTALE ESTALE\nb\'\' 0\nESTALE None'
check "the mount is there" cmp "$TMPDIR/web1.tar" "$(node_tar web1 2)"
check "removed" rmdir "$dir"
check "written" cp -r "$TMPDIR/pulled/web1.example.com" "$(dirname "$dir")/"
check "published" published web1 3 "$TMPDIR/web1.tar"
check "nothing is staged" nothing_staged

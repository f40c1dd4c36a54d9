#!/bin/bash
# Who still has a written image open after it was published cannot write to it any more, and is not
# told that it is empty; nothing is staged for him.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:dense
mount_cluster ''
pull web1
export STAGED
STAGED=$(exports_of node3)
check_eq "what is published is not short to who wrote it" "$(python3 - "$TMPDIR/web1.tar" "$(node_tar web1 3)" <<'END'
import errno, os, sys
data = open(sys.argv[1], "rb").read()
fd = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
os.write(fd, data)
print("reads back" if os.pread(fd, len(data), 0) == data else "does not read back")
os.close(os.dup(fd))
for act in (lambda: os.pread(fd, 4096, 0), lambda: os.pwrite(fd, b"x", 0), lambda: os.ftruncate(fd, 1)):
    try:
        print(len(act()), "bytes")
    except OSError as e:
        print(errno.errorcode[e.errno])
print(len([d for d in os.listdir(os.environ["STAGED"]) if ".put-" in d]), "staged")
END
)" $'reads back\nESTALE\nEBUSY\nEBUSY\n0 staged'
check "published" published web1 3 "$TMPDIR/web1.tar"

#!/bin/bash
# Two open the same new name before either has written: what they write is not mixed.  Who opens what
# his parent has opened for him is not a second one.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:dense
mount_cluster ''
pull web1
check_eq "the second is refused, the first published" "$(python3 - "$TMPDIR/web1.tar" "$(node_tar web1 3)" <<'END'
import errno, os, sys
data = open(sys.argv[1], "rb").read()
flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
one, two = os.open(sys.argv[2], flags), os.open(sys.argv[2], flags)
os.write(one, data[:1000000])
try:
    print(os.pwrite(two, b"x" * 1000, 500000), "written")
except OSError as e:
    print(errno.errorcode[e.errno])
os.write(one, data[1000000:])
os.close(two)
os.close(one)
END
)" EBUSY
check "published" published web1 3 "$TMPDIR/web1.tar"
check "/dev/stdout, opened anew" eval 'python3 -c "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], \"rb\"), open(\"/dev/stdout\", \"wb\"))" "$TMPDIR/web1.tar" >"$(node_tar web1 1)"'
check "published" published web1 1 "$TMPDIR/web1.tar"

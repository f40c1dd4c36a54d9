#!/bin/bash
# What is published cannot be written to, in nobody's page cache either: it can be opened for writing
# to be touched, or to be written anew, all of it, which goes elsewhere (and nowhere, without a byte).
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense
mount_cluster ''
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "the export is over" wait_until 20 idle
node=$(echo "$M"/nodes/*/images/web1.example.com.tar)
for image in "$(tar_of web1)" "$node"; do
    cat "$image" >/dev/null
    check_eq "nothing can be written (${image#"$M"/})" "$(python3 - "$image" <<'END'
import errno, os, sys
for flags in (os.O_RDWR, os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_APPEND, os.O_WRONLY | os.O_TRUNC):
    try:
        os.close(os.open(sys.argv[1], flags))
        print("opened with", flags)
    except OSError as e:
        print(errno.errorcode[e.errno])
fd = os.open(sys.argv[1], os.O_WRONLY)
for act in (lambda: os.pwrite(fd, b"EVIL", 100), lambda: os.ftruncate(fd, 0)):
    try:
        act()
        print("done")
    except OSError as e:
        print(errno.errorcode[e.errno])
END
)" $'EPERM\nEPERM\nEPERM\nopened with 513\nEPERM\nEPERM'
    check "and nothing is (${image#"$M"/})" cmp "$image" "$TMPDIR/web1.tar"
done
check_eq "nothing was started" "$(runs)" 1

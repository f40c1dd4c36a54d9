#!/bin/bash
# Names that are nobody's do not pile up in memory: there is a limit to what is being written at a
# time.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 1M:dense
mount_cluster ''
pull web1
check_eq "there is a limit to names" "$(python3 - "$M/nodes/node3.example.com/exports" <<'END'
import errno, os, sys
for n in range(5000):
    try:
        os.mkdir(f"{sys.argv[1]}/m{n}.nobody")
    except OSError as e:
        print(errno.errorcode[e.errno])
        break
for k in range(n):
    os.rmdir(f"{sys.argv[1]}/m{k}.nobody")
END
)" EMFILE
check "once they are gone others can be written" wait_until 20 cp "$TMPDIR/web1.tar" "$(node_tar web1 3)"
check "published" published web1 3 "$TMPDIR/web1.tar"
check "nothing is staged" nothing_staged

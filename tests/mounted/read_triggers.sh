#!/bin/bash
# DESIGN §2: the first read, or SEEK_DATA/SEEK_HOLE, of an image runs the LU once and gives the image.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
mount_cluster ''
n=0

# runs_for WHAT COMMAND...: on an instance of its own, "@" stands for its image, "%" for its disk.
runs_for()
{
    local what=$1 i=vm$((n += 1)) args=() a
    shift
    add_instance $i
    check "$what: the instance shows up" wait_until 20 test -e "$(tar_of $i)"
    for a; do
        case $a in
        @) args+=("$(tar_of $i)") ;;
        %) args+=("$(inst $i)/export/disk0.raw") ;;
        *) args+=("$a") ;;
        esac
    done
    check "$what" "${args[@]}"
    check_eq "$what: one run" "$(grep -c "^$i\\." "$RUNS")" 1
}

runs_for "cp" cp @ "$TMPDIR/"
runs_for "cat" cat @
runs_for "head -c 1" head -c 1 @
runs_for "file" file @
runs_for "wc -c of a pipe's worth" sh -c 'wc -c <"$0" && cat "$0" | wc -c' @
runs_for "tail -c" tail -c 100 %
runs_for "tar -t" tar -tf @
runs_for "rsync" rsync -a % "$TMPDIR/vm.raw"
runs_for "xxhsum" xxhsum -H2 %
runs_for "dd with O_DIRECT" sh -c 'dd if="$0" of=/dev/null bs=64K iflag=direct' %
runs_for "a private mapping" python3 -c 'import mmap, sys
with open(sys.argv[1], "rb") as f: sum(mmap.mmap(f.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)[::4096])' %
# Whoever closes before the run has begun takes it back.
runs_for "SEEK_HOLE" python3 -c 'import os, sys, time
fd, runs = os.open(sys.argv[1], os.O_RDONLY), sys.argv[2]
before = os.path.getsize(runs)
os.lseek(fd, 0, os.SEEK_HOLE)
until = time.monotonic() + 20
while os.path.getsize(runs) == before and time.monotonic() < until: time.sleep(0.05)' % "$RUNS"
runs_for "config.ini of the export" sh -c 'cat "${0%/*}/config.ini"' %
runs_for "XXH128SUMS" sh -c 'cat "${0%/*}/XXH128SUMS"' %

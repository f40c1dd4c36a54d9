#!/bin/bash
# timeout: 120
# DESIGN §2: an archive that was pulled is written to another node, by whatever writes files, and is
# that export, bit-identical; the older copy goes.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 5M:hole-middle --disk 1234567:dense
mount_cluster ''
pull web1
tar=$TMPDIR/web1.tar
to=2
# written WHAT COMMAND...: to $at
written()
{
    local what=$1
    shift
    check "$what" "$@"
    check "$what: bit-identical, and there alone" published web1 $to "$tar"
}
next() { to=$((to % 3 + 1)) && at=$(node_tar web1 $to); }

next; written cp cp "$tar" "$at"
written "cp over it" cp "$tar" "$at"
next; written "cp -a" cp -a "$tar" "$at"
next; written dd dd if="$tar" of="$at" bs=77777 status=none
next; written "a redirection" eval 'cat "$tar" >"$at"'
next; written "a pipe into a redirection" eval 'dd if="$tar" bs=1M status=none | cat >"$at"'
next; written rsync rsync -a "$tar" "$at"
next; written "rsync --inplace" rsync -a --inplace "$tar" "$at"
next; written "two halves, the second first" eval '
    dd if="$tar" of="$at" bs=1M skip=3 seek=3 conv=notrunc status=none || true
    dd if="$tar" of="$at" bs=1M count=3 conv=notrunc status=none'
next; written "appended in three opens" eval '
    head -c 1000000 "$tar" >"$at" || true
    tail -c +1000001 "$tar" | head -c 2000000 >>"$at" || true
    tail -c +3000001 "$tar" >>"$at"'
next; written mv eval 'cp "$tar" "$TMPDIR/copy" && mv "$TMPDIR/copy" "$at"'
next; written "a python program" python3 -c 'import shutil, sys; shutil.copyfile(*sys.argv[1:])' "$tar" "$at"
check "nothing is staged" nothing_staged
check_eq "no run of the export has stopped anything" "$(cat "$C/state/fake"/* 2>/dev/null | wc -l)" 0
check "xxhsum agrees" eval 'cd "$(node_export web1 $to)" && xxhsum -c --quiet XXH128SUMS'

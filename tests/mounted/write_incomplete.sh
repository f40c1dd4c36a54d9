#!/bin/bash
# DESIGN §2: the flush of an archive that is not complete is EBADMSG and keeps what is there, for more
# to come; what was never written or touched vanishes; nobody else sees what is being written.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:dense
mount_cluster ''
pull web1
tar=$TMPDIR/web1.tar
at=$(node_tar web1 3)
size=$(stat -c %s "$tar")
check_fails "half of it: EBADMSG" 'Bad message' eval 'head -c 1000000 "$tar" >"$at"'
check_match "the node's status says what is missing" "$(cat "$M/nodes/node3.example.com/status")" '^upload: web1\.example\.com\.tar: 1000000 bytes, .'
check_eq "it is not listed" "$(ls "$M/nodes/node3.example.com/images" "$M/nodes/node3.example.com/exports" | grep -c web1)" 0
check "but staged, hidden, on that node" eval '[ -n "$(find "$(exports_of node3)" -name ".web1*put-*")" ]'
check "reads back what was written" eval 'cmp -n 1000000 "$tar" "$at"'
check_eq "its size" "$(stat -c %s "$at")" 1000000
check "the export of before is served" old_stays web1
check_eq "no run" "$(runs)" 1
check "truncated, it is written anew" truncate -s 500000 "$at"
check_eq "the size of it" "$(stat -c %s "$at")" 500000
check "the rest completes it" eval 'tail -c +500001 "$tar" >>"$at"'
check "published" published web1 3 "$tar"
check "nothing is staged" nothing_staged

check_fails "a flush with nothing written does nothing, a redirection" 'No such file' eval ': >"$(node_tar web1 1)"; soon "gone" eval "! stat \"$(node_tar web1 1)\"" >/dev/null; stat "$(node_tar web1 1)"'
check "an empty one over what is published" eval ': >"$at"'
check "leaves that" published web1 3 "$tar"
check_eq "and starts nothing" "$(runs)" 2

check_fails "more of it, then removed" 'Bad message' eval 'head -c 1000000 "$tar" >"$(node_tar web1 1)"'
check "rm of what is only being written" rm "$(node_tar web1 1)"
soon "nothing is staged" nothing_staged
check "the export is still there" published web1 3 "$tar"

check_fails "half of it once more" 'Bad message' eval 'head -c 1000000 "$tar" >"$(node_tar web1 1)"'
kill -9 "${daemons[$M]}"
wait "${daemons[$M]}" || true
unset "daemons[$M]"
umount -l "$M"
mount_cluster ''
soon "what a dead mount had staged goes at the next start" nothing_staged
check "the export is still there" published web1 3 "$tar"
check "a directory that is made and removed" eval 'mkdir "$M/nodes/node1.example.com/exports/web1.example.com" && rmdir "$M/nodes/node1.example.com/exports/web1.example.com"'
check_fails "a directory of no instance's name" 'not permitted' mkdir "$M/nodes/node1.example.com/exports/some"
check "some of a directory" cp "$TMPDIR/pulled/web1.example.com/config.ini" "$TMPDIR/c.ini"
mkdir "$M/nodes/node1.example.com/exports/web1.example.com"
cp "$TMPDIR/c.ini" "$M/nodes/node1.example.com/exports/web1.example.com/config.ini"
check_eq "is seen by who wrote it" "$(ls "$M/nodes/node1.example.com/exports/web1.example.com")" config.ini
check_match "status says what is missing" "$(cat "$M/nodes/node1.example.com/status")" '^upload: web1\.example\.com: .*disk0\.raw'
check "and can be removed" rm -r "$M/nodes/node1.example.com/exports/web1.example.com"
soon "nothing is staged" nothing_staged

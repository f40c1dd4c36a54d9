#!/bin/bash
# timeout: 150
# The daemon is killed at every state of the journal; the next mount, by itself, puts all in order:
# the instance runs, no stage, the whole old export or the whole new one with its checksums, no
# older copy elsewhere, nothing noted, no lock.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs xfs 400M "$TMPDIR/xfs"
mkdir "$TMPDIR/xfs/export"
node_ini node2 "export_dir = $TMPDIR/xfs/export"
add_instance stop --up --disk 3M:dense
add_instance live --up --dir "$TMPDIR/xfs" --disk 3M:dense --disk 5M:dense
OPTIONS=shutdown,allow_remove_instance,linger=0
mount_cluster "$OPTIONS"
set_params stop 'long_sleep = True'
set_params live 'shutdown = False'
touch_export stop node3
touch_export live node3

copies() { (cd "$C/nodes" && ls -d */export/"$1".example.com "$TMPDIR/xfs/export/$1.example.com" 2>/dev/null | sed "s,.*xfs,node2," ) | cut -d/ -f1 | cut -d. -f1 | sort -u | xargs; }
dir_of() { if [ "$1" = node2 ]; then echo "$TMPDIR/xfs/export/$2.example.com"; else echo "$(exports_of "$1")/$2.example.com"; fi; }

# in_order WHAT NAME NODE: mounts, and all is well by itself
in_order()
{
    local what=$1 name=$2 node=$3
    mount_cluster "$OPTIONS"
    soon "$what: nothing is noted any more" eval '[ -z "$(noted)" ]'
    check "$what: the instance runs" is_running "$name"
    soon "$what: it lies on $node alone" eval '[ "$(copies '"$name"')" = '"$node"' ]'
    check "$what: whole" eval "(cd '$(dir_of "$node" "$name")' && xxhsum -c --quiet XXH128SUMS)"
    check_eq "$what: nothing staged" "$(find "$C"/nodes/*/export "$TMPDIR/xfs/export" -mindepth 1 -maxdepth 1 -name '.*')" ''
    soon "$what: no lock is held" eval '! grep -q ^lock: "$M/status"'
}

hold_at=$C/state/fake hold_in unlinkat
touch "$M/nodes/node1.example.com/images/stop.example.com.tar"
check "held in the shutdown" wait_until 20 in_journal stop stopped
die
in_order "killed in the shutdown" stop node3

hold_in fadvise64
touch "$M/nodes/node1.example.com/images/stop.example.com.tar"
check "held in the copy" wait_until 20 in_phase stop copying
die
check_fails "it is stopped at that moment" '' is_running stop
check_eq "which is noted" "$(noted)" stop.example.com
in_order "killed in the copy" stop node3

hold_in renameat2
touch "$M/nodes/node1.example.com/images/stop.example.com.tar"
check "held before the publication" wait_until 20 in_journal stop publishing
die
in_order "killed before the publication" stop node3

hold_in renameat,renameat2 exit
touch "$M/nodes/node2.example.com/images/live.example.com.tar"
check "held as it begins" wait_until 20 eval 'ls "$C/state/journal" | grep -q live'
die
in_order "killed as it begins" live node3

hold_in fadvise64
touch "$M/nodes/node2.example.com/images/live.example.com.tar"
check "held in hashing what is published" wait_until 20 in_phase live hashing
check "there are no checksums yet" test ! -e "$TMPDIR/xfs/export/live.example.com/XXH128SUMS"
die
in_order "killed in hashing what is published" live node2
cat "$(tar_of live)" >"$TMPDIR/live.tar"
check "and it is served" same_image live "$TMPDIR/live.tar"

hold_in unlink,unlinkat
touch "$M/nodes/node3.example.com/images/live.example.com.tar"
check "held in removing the older copy" wait_until 20 in_phase live 'removing older'
die
in_order "killed in removing the older copy" live node3

set_params stop 'long_sleep = True' 'remove_instance = True'
hold_in unlink,unlinkat enter 1500000
touch "$M/nodes/node1.example.com/images/stop.example.com.tar"
check "held in removing the instance" wait_until 40 in_journal stop removing
die
mount_cluster "$OPTIONS"
soon "killed in removing the instance: it goes" eval '[ ! -e "$C/instances/stop.example.com.ini" ] && [ -z "$(noted)" ]'
check "its disk goes" test ! -e "$C/disks/stop.example.com.disk0"
check "its export is whole" eval "(cd '$(dir_of node1 stop)' && xxhsum -c --quiet XXH128SUMS)"

#!/bin/bash
# timeout: 120
# -o manage: the daemon is killed in a removal: the copy is whole or gone, never half, and the next mount,
# or another that lives, clears up by itself what had been set aside.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
add_instance web1
mount_cluster manage
e=$(exports_of node2)
N2=$M/nodes/node2.example.com
noted_removals() { ls -A "$C/state/pending" 2>/dev/null || true; }
touch_export web1 node2

hold_at=$e hold_in renameat2
check "rm" rm "$N2/images/web1.example.com.tar"
check "held before it is set aside" wait_until 20 eval '[ -n "$(noted_removals)" ]'
die
mount_cluster manage
check "killed before: it is whole" same_directory web1 "$e/web1.example.com"
check "and shown" test -e "$N2/images/web1.example.com.tar"
soon "killed before: nothing is on record" eval '[ -z "$(noted_removals)" ]'
check_eq "killed before: nothing is set aside" "$(ls -A "$e")" web1.example.com

hold_at=$e hold_in unlinkat
check "rm -r" rm -r "$N2/exports/web1.example.com"
check "held when it is set aside" wait_until 20 eval 'ls -A "$e" | grep -q "^\.web1.example.com.gone-"'
check_eq "nobody sees it" "$(ls "$N2/exports")" ''
die
mount_cluster manage
soon "killed after: the rest goes" eval '[ -z "$(ls -A "$e")" ]'
soon "killed after: nothing is on record" eval '[ -z "$(noted_removals)" ]'

touch_export web1 node2
other=$TMPDIR/mnt2
mount_cluster '' "$other"
hold_at=$e hold_in unlinkat
check "rm of another" rm "$N2/images/web1.example.com.tar"
check "held in the middle" wait_until 20 eval 'ls -A "$e" | grep -q gone-'
die
check "a mount that lives clears up" wait_until 60 eval '[ -z "$(ls -A "$e")" ] && [ -z "$(noted_removals)" ]'
touch "$other/nodes/node2.example.com/images/web1.example.com.tar"
soon "and exports there again" test -e "$other/nodes/node2.example.com/images/web1.example.com.tar"

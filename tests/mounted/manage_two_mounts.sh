#!/bin/bash
# -o manage: another mount sees a copy go when it has gone, and promises another image then; both may
# remove the same one.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
add_instance web1
mount_cluster manage
other=$TMPDIR/mnt2
mount_cluster manage "$other"
N2=$M/nodes/node2.example.com
O2=$other/nodes/node2.example.com
touch_export web1 node2
soon "both show it" test -e "$O2/images/web1.example.com.tar"
image() { stat -c '%Y %i' "$1/images/web1.example.com.tar"; }
before=$(image "$other")
check_eq "as the same image" "$(image "$M")" "$before"

hold_at=$(exports_of node2) hold_in renameat2
check "rm" rm -r "$N2/exports/web1.example.com"
check_eq "gone here" "$(ls "$N2/exports")" ''
check_eq "not there, for it has not gone" "$(ls "$O2/exports")" web1.example.com
check "where it can be read" cmp "$O2/exports/web1.example.com/disk0.raw" "$(disk_of web1)"
check "and removed as well" rm "$O2/images/web1.example.com.tar"
check_eq "gone there" "$(ls "$O2/exports")" ''
release
soon "the job ends" idle
soon "so does the other's" eval '[ "$(grep -Ec "^jobs_(running|queued): 0$" "$other/status")" = 2 ]'
check_eq "nothing is left" "$(ls -A "$(exports_of node2)")" ''
check_no_match "neither has failed" "$(cat "$N2/status" "$O2/status")" '^removal'
check "the image looks changed" [ "$(image "$other")" != "$before" ]
soon "to both the same" eval '[ "$(image "$other")" = "$(image "$M")" ]'
touch "$M/nodes/node3.example.com/images/web1.example.com.tar"
soon "the next export" idle
soon "is shown by both" test -e "$other/nodes/node3.example.com/images/web1.example.com.tar"
rm "$M/nodes/node3.example.com/images/web1.example.com.tar"
soon "it goes from the other, too" eval '! test -e "$other/nodes/node3.example.com/images/web1.example.com.tar"'

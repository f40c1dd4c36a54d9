#!/bin/bash
# -o manage: rm nodes/N/images/NAME.tar removes that copy, and no other, as a job; of what is removed
# nothing is left, and what comes after the last copy looks changed.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_instance web2
mount_cluster manage
N2=$M/nodes/node2.example.com
touch_export web1 node2
touch_export web2 node2
before=$(stat -c '%Y %s' "$(tar_of web1)")
check "rm" rm "$N2/images/web1.example.com.tar"
check_eq "its tar has gone at once" "$(ls "$N2/images")" web2.example.com.tar
check_eq "so has its directory" "$(ls "$N2/exports")" web2.example.com
check_match "it is no export of the instance's any more" "$(status_of web1)" '^export: none'
after=$(stat -c '%Y %s' "$(tar_of web1)")
check "the image looks changed" [ "${after% *}" -gt "${before% *}" ]
check_eq "its size is the same" "${after#* }" "${before#* }"
soon "the job ends" idle
check_eq "on the node as well" "$(ls -A "$(exports_of node2)")" web2.example.com
check_eq "nothing is on record" "$(ls -A "$C/state/pending" 2>/dev/null)" ''
check_match "status tells" "$(status_of web1)" '^removal: [0-9]+ success web1.example.com from node2.example.com'
check_match "the log, too" "$(cat "$(inst web1)/log")" 'Removing export web1.example.com from node2'
check_match "and the metrics" "$(cat "$M/metrics")" '^gnt_exportfs_removals_ended_total\{result="success"\} 1$'
check_fails "again: there is none" 'No such file' rm "$N2/images/web1.example.com.tar"
check_eq "nothing was exported" "$(runs)" 2
unmount
mount_cluster manage
check_eq "another mount promises the same" "$(stat -c '%Y %s' "$(tar_of web1)")" "$after"
cat "$(tar_of web1)" >"$TMPDIR/web1.tar"
soon "a read makes a new one" idle
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
check_eq "under the time that was promised" "$(stat -c '%Y %s' "$(tar_of web1)")" "$after"

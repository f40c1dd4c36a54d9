#!/bin/bash
# A node whose disk has become read-only: shown, chosen by nobody, still read from; it heals.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in web1 web2; do add_instance $name --disk 1M:dense; done
make_fs ext4 64M "$(node_dir node2)"
mkdir -p "$(exports_of node2)"
node_ini node3 'drained = True'
mount_cluster ''
touch_export web1
check "node2 is what is chosen" test -e "$(exports_of node2)/web1.example.com"
mount -o remount,ro "$(node_dir node2)"
soon "its status tells" grep -q '^read_only:' "$M/nodes/node2.example.com/status"
cat "$M/nodes/node2.example.com/images/web1.example.com.tar" >"$TMPDIR/web1.tar"
check "what lies there is read" same_image web1 "$TMPDIR/web1.tar"
check_fails "an export to it is refused" 'Device or resource busy' touch "$M/nodes/node2.example.com/images/web2.example.com.tar"
check_match "the reason is in status" "$(status_of web2)" 'error: .*node2.example.com cannot take exports: .* is read-only'
touch_export web2
check "others go elsewhere" test -e "$(exports_of node1)/web2.example.com"
touch_export web1
check "also one that it holds an older copy of" test -e "$(exports_of node1)/web1.example.com"
check_match "which is to be removed later" "$(cat "$M/nodes/node2.example.com/status")" '^removal_pending: web1'
mount -o remount,rw "$(node_dir node2)"
soon "when it is writable again the old copy goes" eval '[ ! -e "$(exports_of node2)/web1.example.com" ]'
soon "and it takes exports" eval '! grep -q ^read_only "$M/nodes/node2.example.com/status"'
touch_export web2 node2
check "indeed" test -e "$(exports_of node2)/web2.example.com"

#!/bin/bash
# The tree of DESIGN §1, exactly: every name, every type and mode, before the first export.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M --disk 2M
mount_cluster ''

check_eq "the whole tree, with modes and sizes that are known" "$(cd "$M" && find . -printf '%y %m %P\n' | sort -k3)" "$(
sort -k3 <<'END'
d 500 
d 700 images
f 600 images/web1.example.com.tar
d 500 instances
d 500 instances/web1.example.com
f 400 instances/web1.example.com/config.ini
d 500 instances/web1.example.com/export
f 400 instances/web1.example.com/export/XXH128SUMS
f 400 instances/web1.example.com/export/config.ini
f 400 instances/web1.example.com/export/disk0.raw
f 400 instances/web1.example.com/export/disk1.raw
f 400 instances/web1.example.com/log
f 600 instances/web1.example.com/params
f 400 instances/web1.example.com/status
f 400 metrics
d 500 nodes
d 500 nodes/node1.example.com
d 700 nodes/node1.example.com/exports
d 700 nodes/node1.example.com/images
f 400 nodes/node1.example.com/status
d 500 nodes/node2.example.com
d 700 nodes/node2.example.com/exports
d 700 nodes/node2.example.com/images
f 400 nodes/node2.example.com/status
d 500 nodes/node3.example.com
d 700 nodes/node3.example.com/exports
d 700 nodes/node3.example.com/images
f 400 nodes/node3.example.com/status
f 600 params
f 400 status
END
)"
check_eq "a disk has its size before the first byte" "$(stat -c %s "$(inst web1)/export/disk1.raw")" 2097152
check "the checksums verify after a pull" cp -r "$(inst web1)/export" "$TMPDIR/web1"
soon "the run is over" idle
node=$(dirname "$(dirname "$(echo "$M"/nodes/*/exports/web1.example.com)")")
check_eq "the node that holds it shows the four files" "$(ls "$node/exports/web1.example.com")" \
    $'XXH128SUMS\nconfig.ini\ndisk0.raw\ndisk1.raw'
check_eq "and the same as one file" "$(ls "$node/images")" web1.example.com.tar

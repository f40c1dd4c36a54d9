#!/bin/bash
# A short name is an unlisted symbolic link to the full one; an ambiguous one is not there.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_instance web1.test
add_instance db1
mount_cluster ''
check_eq "instances/db1" "$(readlink "$M/instances/db1")" db1.example.com
check_eq "images/db1.tar" "$(readlink "$M/images/db1.tar")" db1.example.com.tar
check_eq "nodes/node2" "$(readlink "$M/nodes/node2")" node2.example.com
check_eq "case does not matter" "$(readlink "$M/instances/DB1")" db1.example.com
check_eq "a longer part" "$(readlink "$M/instances/db1.example")" db1.example.com
check "it leads there" cp "$M/images/db1.tar" "$TMPDIR/db1.tar"
check "to the right one" same_image db1 "$TMPDIR/db1.tar"
check_fails "ambiguous" 'No such file' stat "$M/instances/web1"
check_fails "ambiguous image" 'No such file' stat "$M/images/web1.tar"
check_eq "unless it is longer" "$(readlink "$M/instances/web1.test")" web1.test.example.com
check_fails "not at a dot" 'No such file' stat "$M/instances/db1.exam"
check_fails "no regular expression" 'No such file' stat "$M/instances/db."
check_fails "unknown" 'No such file' stat "$M/instances/none"
check_eq "unlisted" "$(ls "$M/instances" | wc -l)" 3
soon "that run is over" idle
check "touch through a short node name" touch "$M/nodes/node3/images/db1.example.com.tar"
soon "targets that node" test -d "$(exports_of node3)/db1.example.com"
soon "that one is over, too" idle
check "touch of a short name that is new there" touch "$M/nodes/node2/images/db1.tar"
soon "exports to that node" test -d "$(exports_of node2)/db1.example.com"

#!/bin/bash
# Without -o manage nothing can be removed; with it nothing outside nodes/N/exports and nodes/N/images, nor
# through a short name, nor by anybody but the owner, nor on a read-only mount.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
touch_export web1 node2
N2=$M/nodes/node2.example.com
before=$(find "$C/nodes" | sort)
unchanged() { check_eq "$1" "$(find "$C/nodes" | sort)" "$before"; }
no='not permitted'
check_fails "without: a tar" "$no" rm -f "$N2/images/web1.example.com.tar"
check_fails "without: a file" "$no" rm -f "$N2/exports/web1.example.com/disk0.raw"
check_fails "without: rmdir" "$no" rmdir "$N2/exports/web1.example.com"
check_fails "without: rm -rf of a node" "$no" rm -rf "$N2"
check_fails "without: rm -rf of everything" "$no" rm -rf "$M/nodes" "$M/images" "$M/instances" "$M/status"
unchanged "without: nothing has changed"
check_eq "without: modes of the directories" "$(stat -c %a "$N2/exports" "$N2/exports/web1.example.com")" $'700\n500'
unmount

mount_cluster manage,allow_other,umask=0022
check_eq "with: modes of the directories" "$(stat -c %a "$N2/exports" "$N2/exports/web1.example.com")" $'755\n755'
check_fails "with: an image" "$no" rm -f "$(tar_of web1)"
check_fails "with: the files of an instance" "$no" rm -rf "$(inst web1)"
check_fails "with: a status" "$no" rm -f "$M/status" "$N2/status"
check_fails "with: a short name" "$no" rm "$N2/images/web1.tar"
check_fails "with: a short name of a directory" "$no" rm "$N2/exports/web1"
check_fails "with: by somebody else" 'denied\|not permitted' nobody rm -f "$N2/images/web1.example.com.tar"
check_fails "with: a directory, by somebody else" 'denied\|not permitted' nobody rm -rf "$N2/exports/web1.example.com"
check_fails "with: instances and images" "$no" rm -rf "$M/images" "$M/instances"
unchanged "with: nothing has changed"
check_eq "nothing was exported" "$(runs)" 1
check_fails "with: a whole node" "$no" rm -rf "$N2"
soon "with: its exports go" idle
check_eq "with: all of them" "$(ls -A "$(exports_of node2)")" ''
check "with: the node stays" test -e "$N2/status" -a -d "$N2/exports" -a -d "$N2/images"
touch_export web1 node2
before=$(find "$C/nodes" | sort)
unmount

mount_cluster manage,ro
check_fails "read-only: a tar" 'Read-only' rm -f "$N2/images/web1.example.com.tar"
check_fails "read-only: a directory" 'Read-only' rm -rf "$N2/exports/web1.example.com"
unchanged "read-only: nothing has changed"

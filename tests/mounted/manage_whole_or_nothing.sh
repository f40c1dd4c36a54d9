#!/bin/bash
# -o manage: an export goes whole or stays whole.  A file by itself cannot be removed, rmdir does not
# remove what has files, and a newer export is not what was unlinked.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster manage
X=$M/nodes/node2.example.com/exports/web1.example.com
touch_export web1 node2
all=$(ls "$X")
check_fails "rmdir of an export" 'not empty' rmdir "$X"
rm "$X/disk0.raw"
check_eq "a file that is unlinked stays" "$(ls "$X")" "$all"
check "and can be read" cmp "$X/disk0.raw" "$(disk_of web1)"
check_fails "rmdir, when not all are unlinked" 'not empty' rmdir "$X"
rm "$X/config.ini" "$X/XXH128SUMS"
check_eq "nothing has gone" "$(ls "$X")" "$all"
check "it is whole" same_directory web1 "$(exports_of node2)/web1.example.com"
touch_export web1 node2
check_fails "of a newer export nothing was unlinked" 'not empty' rmdir "$X"
check "it is whole, too" same_directory web1 "$(exports_of node2)/web1.example.com"
check_fails "directories of the tree" 'not permitted' rmdir "$M/nodes/node2.example.com/exports"
check "all files unlinked" rm "$X"/*
check "then rmdir" rmdir "$X"
check_fails "has removed it" 'No such file' stat "$X"
soon "the job ends" idle
check_eq "nothing is left" "$(ls -A "$(exports_of node2)")" ''
check_eq "the exports" "$(runs)" 2

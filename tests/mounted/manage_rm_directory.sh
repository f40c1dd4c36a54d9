#!/bin/bash
# -o manage: rm -r of an export's directory, an instance's or not, complete or not; as find -delete and
# Python's rmtree do it as well.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster manage
e=$(exports_of node2)
X=$M/nodes/node2.example.com/exports
I=$M/nodes/node2.example.com/images
touch_export web1 node2
good=$e/web1.example.com
cp -r "$good" "$e/gone.example.com"
cp -r "$good" "$e/web1" # not what the short name stands for
cp -r "$good" "$e/half.example.com" && rm "$e/half.example.com/disk0.raw"
mkdir "$e/empty.example.com"
mkdir -p "$e/deep.example.com/a/b" && echo x >"$e/deep.example.com/a/b/file" && echo x >"$e/deep.example.com/note"
for x in gone half empty deep; do soon "$x is shown" test -d "$X/$x.example.com"; done
soon "the short one" test -f "$X/web1/config.ini"

check "rm -r of a directory that is no instance's" rm -r "$X/web1"
check "find -delete, of an instance that is none" find "$X/gone.example.com" -delete
check "Python's rmtree, of half an export" python3 -c 'import shutil, sys; shutil.rmtree(sys.argv[1])' "$X/half.example.com"
check "rmdir of what has no files" rmdir "$X/empty.example.com"
check "rm -r of foreign files and directories" rm -r "$X/deep.example.com"
check_eq "they have gone at once" "$(ls "$X")" web1.example.com
soon "the jobs end" idle
check_eq "on the node, too" "$(ls -A "$e")" web1.example.com
check "the other is whole" same_directory web1 "$good"
check "rm -r of that one" rm -r "$X/web1.example.com"
check_eq "has gone" "$(ls "$X" && ls "$I")" ''
soon "the job ends" idle
check_eq "nothing is left" "$(ls -A "$e")" ''
check_fails "rm -r of what is not there" 'No such file' rm -r "$X/web1.example.com"

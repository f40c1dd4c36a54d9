#!/bin/bash
# Which files in a hooks directory are run, and in which order; output is made printable.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
dir=$(node_dir node1)/hooks/instance-export-pre.d
for name in b 10 A_z a- .hidden with.dot with~ not-x '20 x'; do
    add_hook node1 pre "$name" "echo '$name' >>$TMPDIR/order; echo 'out of $name'; printf 'bell\\007\\n'"
done
chmod 644 "$dir/not-x"
ln -s "$dir/b" "$dir/link"
mkdir "$dir/subdir"
mount_cluster ''
touch_export web1
check_eq "byte order, runnable names only" "$(cat "$TMPDIR/order")" $'10\nA_z\na-\nb\nb'
log=$(cat "$(inst web1)/log")
check_match "output is kept in the log" "$log" 'out of A_z'
check_no_match "none of those that may not run" "$log" 'out of (.hidden|with|not-x|20)'
check_match "non-printables as numbers" "$log" 'bell\\x07'

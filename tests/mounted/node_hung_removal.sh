#!/bin/bash
# Stale copies on a node that hangs: exports to other nodes end all the same; when the node is back
# the copies go, but only those that were meant, and only while a newer export can be read elsewhere.
# timeout: 180
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/fileserver.sh"
make_cluster
for name in meant other only; do add_instance $name --node node3 --disk 500000:dense; done
serve_node node2
mount_cluster stall=10,max_jobs=1
N2=$M/nodes/node2.example.com
for name in meant other only; do touch_export $name node2; done
stop_server node2
for name in meant other only; do
    check "$name is exported to another node" timeout 60 touch "$M/nodes/node3.example.com/images/$name.example.com.tar"
done
check "all three end" wait_until 60 idle
for name in meant other only; do
    check "$name is there" same_directory $name "$(exports_of node3)/$name.example.com"
    check_match "$name: its older copy is on record" "$(cat "$N2/status")" "^removal_pending: $name"
done
soon "the node is unreachable" grep -q '^state: unreachable' "$N2/status"

# While it is away: another export takes the place of one copy, and the newer one of another is lost.
rm -r "$(served node2)/other.example.com"
mkdir "$(served node2)/other.example.com"
echo precious >"$(served node2)/other.example.com/keep"
mv "$(exports_of node3)/only.example.com" "$TMPDIR/lost"

# The removals of other nodes do not wait for it.
node_ini node1 'offline = True'
soon "node1 is offline" grep -q '^state: offline' "$M/nodes/node1.example.com/status"
cp -r "$(exports_of node3)/meant.example.com" "$(exports_of node1)/"
touch_export meant node3
check_match "a removal is pending on node1" "$(cat "$M/nodes/node1.example.com/status")" '^removal_pending: meant'
node_ini node1 'offline = False'
soon "it is done as soon as that is back" eval '[ ! -e "$(exports_of node1)/meant.example.com" ]'

continue_server node2
soon "the node is back" grep -q '^state: online' "$N2/status"
soon "the copy that was meant goes" eval '[ ! -e "$(served node2)/meant.example.com" ]'
soon "what took another's place is dropped from the list" eval '! grep "^removal_pending: other" "$N2/status"'
check "and stays" test -e "$(served node2)/other.example.com/keep"
check "the only copy stays" same_directory only "$(served node2)/only.example.com"
check_match "for the time being" "$(cat "$N2/status")" '^removal_pending: only'
mv "$TMPDIR/lost" "$(exports_of node3)/only.example.com"
soon "and goes when the newer one is back" eval '[ ! -e "$(served node2)/only.example.com" ]'
check "which is not touched" same_directory only "$(exports_of node3)/only.example.com"

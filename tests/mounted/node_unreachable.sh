#!/bin/bash
# A node that cannot be reached says so; it is never empty, and nothing else waits for it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mkdir "$TMPDIR/remote"
cp -r "$C" "$TMPDIR/other"
# A file system whose server answers no more: another mount, of another cluster, stopped.
"$GNT" -f "$TMPDIR/other" "$TMPDIR/remote" >/dev/null 2>&1 &
server=$!
check "the server is there" wait_until 20 mountpoint -q "$TMPDIR/remote"
node_ini node2 "export_dir = $TMPDIR/remote/nodes/node1.example.com/exports"
node_ini node3 'offline = True'
mount_cluster stall=3
check "reachable at first" ls "$M/nodes/node2.example.com/exports"
kill -STOP $server
soon "node2 shows as unreachable" grep -qi unreachable "$M/nodes/node2.example.com/status"
check_fails "listing it is EHOSTUNREACH" 'No route to host' timeout 10 ls "$M/nodes/node2.example.com/exports/"
check_fails "an offline one is EHOSTDOWN" 'Host is down' ls "$M/nodes/node3.example.com/exports/"
check "ls of the nodes does not wait" timeout 5 ls -l "$M/nodes"
check "stat of everything else does not wait" timeout 5 ls -lR "$M/instances" "$M/images"
check "df does not wait" timeout 5 df "$M"
check "an export to another node works meanwhile" timeout 40 touch "$M/nodes/node1.example.com/images/web1.example.com.tar"
soon "it is there" test -d "$(exports_of node1)/web1.example.com"
kill -CONT $server
soon "node2 comes back" ls "$M/nodes/node2.example.com/exports/"
kill -KILL $server
soon "a dead one is unreachable too" grep -qi unreachable "$M/nodes/node2.example.com/status"
check_fails "and says so" 'No route to host' ls "$M/nodes/node2.example.com/exports/"
unmount
umount -l "$TMPDIR/remote"

#!/bin/bash
# timeout: 60
# Who has read an image to its end before it was published has what will be published: the run is
# not cancelled when he closes it, not even without linger.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 100M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
add_instance web1 --disk 3M:dense --disk 1M:dense
mount_cluster target_node=node2.example.com,linger=0
hold_in renameat2
stamp=$(stat -c %Y "$(tar_of web1)")
check "all is read before it is published" timeout -s KILL 30 cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
check "nothing is published yet" test ! -e "$TMPDIR/ext4/export/web1.example.com"
sleep 0.5
check_match "the run is there" "$(cat "$M/status")" '^job: 1 running web1.example.com'
release
soon "the run is over" idle
check_match "it ended well" "$(status_of web1)" '^job_state: success'
check "it is published" eval 'cd "$TMPDIR/ext4/export/web1.example.com" && xxhsum -c --quiet XXH128SUMS'
check_eq "under the T that was seen" "$(stat -c %Y "$(tar_of web1)")" "$stamp"
check "it is what was read" cmp "$TMPDIR/web1.tar" "$M/nodes/node2.example.com/images/web1.example.com.tar"
check_eq "one run" "$(runs)" 1

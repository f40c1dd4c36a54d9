#!/bin/bash
# DESIGN §2, freshness (b): reading keeps an export fresh for linger seconds, at most hold in all, for
# all mounts of the cluster; opening alone does not.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense --disk 1M:dense
add_instance web2 --disk 1M:dense
disk() { cat "$(inst "$1")/export/disk$2.raw" >/dev/null && wait_until 20 idle; }
# make_old NAME SECONDS: as if it had been published so long ago
make_old() { touch -d "$2 seconds ago" "$C"/nodes/*/export/"$1".example.com; }
# old_now NAME: the daemon has seen it
old_now() { [ "$(status_of "$1" | sed -n 's/^published: //p')" = "$(date -u -r "$(ls -d "$C"/nodes/*/export/"$1".example.com)" +%FT%TZ)" ]; }
other=$TMPDIR/mnt2
mount_cluster max_age=3600,linger=3000
disk web1 0
disk web2 0
stamp=$(stat -c '%Y %i' "$(inst web1)/export/disk1.raw")
change_disk web1
change_disk web2
make_old web1 4000
make_old web2 4000
soon "the mount sees the age" old_now web1
soon "fresh because it was read" eval 'status_of web1 | grep -q "^fresh_for: read lately"'
check_eq "stat says the same" "$(stat -c '%Y %i' "$(inst web1)/export/disk1.raw")" "$stamp"
disk web1 1
check_eq "the next disk is of the same export" "$(runs)" 2
mount_cluster max_age=3600,linger=3000 "$other"
check_eq "another mount knows of the reader" "$(stat -c '%Y %i' "$other/instances/web1.example.com/export/disk1.raw")" "$stamp"
cat "$other/images/web1.example.com.tar" >/dev/null
check_eq "and reads the same export" "$(runs)" 2
unmount "$other"
unmount
mount_cluster max_age=3600,linger=3000
check_eq "so does a new mount" "$(stat -c '%Y %i' "$(inst web1)/export/disk1.raw")" "$stamp"
disk web1 0
check_eq "and reads the same export" "$(runs)" 2
unmount
sleep 3 # linger, and another second by which its record may be behind, both in whole seconds
mount_cluster max_age=3600,linger=1
: <"$(inst web2)/export/disk0.raw"
disk web2 0
check_eq "when nobody reads it any more, a read makes a new one" "$(runs)" 3
unmount
mount_cluster max_age=3600,linger=3000,hold=5000
disk web1 0
make_old web1 6000
soon "the mount sees the age" old_now web1
disk web1 1
check_eq "after hold, too" "$(runs)" 4

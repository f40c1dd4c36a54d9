#!/bin/bash
# The target's disk becomes read-only in the middle of a copy, as the kernel makes it after an error:
# the export fails, the old one is read on, others go elsewhere; it heals when the disk is writable.
# timeout: 120
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
add_instance web1 --up --disk 24M:dense
add_instance web2 --disk 1M:dense
disk=$(node_dir node2)
make_fs ext4 200M "$disk"
mount -o remount,errors=remount-ro "$disk"
loop=$(findmnt -n -o SOURCE "$disk")
break_disk() { echo 1 >"/sys/fs/ext4/${loop#/dev/}/trigger_fs_error"; }
[ -w "/sys/fs/ext4/${loop#/dev/}/trigger_fs_error" ] || skip "cannot make ext4 fail here"
mkdir "$disk/export"
mount_cluster max_jobs=1,max_age=0,linger=0,retry_after=0
set_params web1 'shutdown = True' 'long_sleep = True'
touch_export web1 node2
old=$(cat "$disk/export/web1.example.com/XXH128SUMS")
change_disk web1

hold_in pwrite64 enter '' 17+
touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
soon "the copy is held" eval '[ "$(status_of web1 | sed -n "s/^done: //p")" -gt 4000000 ]'
break_disk
check "the file system is read-only" eval '! touch "$disk/x" 2>/dev/null'
release
soon "the run is over" idle
check_match "status says why" "$(status_of web1)" '^error: .*read-only file system'
check "the instance runs again" is_running web1
check_eq "the old export is as it was" "$(cat "$disk/export/web1.example.com/XXH128SUMS")" "$old"
soon "the node shows it" grep -q '^read_only:' "$M/nodes/node2.example.com/status"
cat "$M/nodes/node2.example.com/images/web1.example.com.tar" >"$TMPDIR/old.tar"
check "and is read" tar -tf "$TMPDIR/old.tar"
touch_export web2
check "others go elsewhere" eval 'ls "$C"/nodes/node[13]*/export/web2.example.com'
check_no_match "no lock is held" "$(cat "$M/status")" '^lock:'

# The administrator repairs it.
umount "$disk"
fsck.ext4 -fy "$disk.fs" >/dev/null 2>&1 || true
mount -o loop "$disk.fs" "$disk"
soon "it heals" eval 'grep -q "^state: online" "$M/nodes/node2.example.com/status" && ! grep -q ^read_only "$M/nodes/node2.example.com/status"'
touch_export web1 node2
check "and takes exports" same_directory web1 "$disk/export/web1.example.com"
check "what the broken run had staged is gone" no_leftovers

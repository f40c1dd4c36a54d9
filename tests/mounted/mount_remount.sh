#!/bin/bash
# mount -o remount,bwlimit=... changes that, and nothing else can be changed so.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/sbin.sh"
make_cluster
add_instance web1
mkdir "$M" "$TMPDIR/other"
own_sbin
now() { sed -n 's/^bwlimit = //p' "$M/params"; }

check "mounts" mount -t fuse.gnt-exportfs -o max_age=60,bwlimit=1M "$C" "$M"
check "a limit" mount -o remount,bwlimit=50M "$M"
check_eq "is in effect" "$(now)" 52428800
check "no limit" mount -o remount,bwlimit=0 "$M"
check_eq "is in effect" "$(now)" 0
check "both named" mount -t fuse.gnt-exportfs -o remount,bwlimit=3K "$C" "$M"
check_eq "is in effect" "$(now)" 3072
check "nothing to change" mount -o remount "$M"
check_eq "nothing is" "$(now)" 3072
check_fails "no number" "bwlimit: 'fast' is not a whole number" mount -o remount,bwlimit=fast "$M"
check_fails "no value" 'needs a value' mount -o remount,bwlimit "$M"
for option in ro max_age=3 linger=5 allow_other noexec; do
    check_fails "$option" "'$option' cannot be changed" mount -o "remount,bwlimit=1K,$option" "$M"
done
check_eq "nothing is done by halves" "$(now)" 3072
check "mount -f" mount -f -o remount,bwlimit=1K "$M"
check_eq "does nothing" "$(now)" 3072

cp /etc/fstab "$TMPDIR/fstab" 2>/dev/null || true
echo "$C $M fuse.gnt-exportfs max_age=60,bwlimit=20M,noauto,x-systemd.automount 0 0" >>"$TMPDIR/fstab"
if [ -e /etc/fstab ]; then
    mount --bind "$TMPDIR/fstab" /etc/fstab
    check "with a line in fstab" mount -o remount "$M"
    check_eq "what that says" "$(now)" 20971520
    check "the command line" mount -o remount,bwlimit=30M "$M"
    check_eq "says more" "$(now)" 31457280
    umount /etc/fstab
fi
check_eq "nothing ran, nothing was mounted twice" "$(runs) $(grep -c " $M " /proc/self/mountinfo)" '0 1'
check "umount" umount "$M"

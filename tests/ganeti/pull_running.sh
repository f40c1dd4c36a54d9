#!/bin/bash
# timeout: 120
# A running instance whose disks can be snapshotted is pulled without downtime, by a read.
. "$(dirname "$0")/../lib/ganeti.sh"
need live1
mount_cluster max_age=0,linger=0
# The fake hypervisor's note of an instance is made anew by a start.
note() { on "$(primary_node)" stat -c '%i %Z' "/run/ganeti/fake-hypervisor/$(dom live1)"; }
primary_node() { gnt gnt-instance list --no-headers -o pnode "$(dom live1)" | sed 's/^node//; s/\..*//'; }
volumes=$(ls "$GNT_ROOT/volumes")
check "it runs" is_running live1
started=$(note)
cp "$(tar_of live1)" "$TMPDIR/live1.tar" & reader=$!
soon "while it is read" grep -Eq '^readers: [1-9]' "$(inst live1)/status"
while kill -0 $reader 2>/dev/null; do
    is_running live1 || fail "it runs all the time" "$(state_of live1)"
    sleep 0.5
done
check_wait "cp" $reader
check "right to the bit" same_image live1 "$TMPDIR/live1.tar"
check "it runs afterwards" is_running live1
check_eq "and was not started anew" "$(note)" "$started"
soon "no snapshot is left" eval '[ "$(ls "$GNT_ROOT/volumes")" = "$volumes" ]'

#!/bin/bash
# DESIGN §2, freshness (c): the export of a stopped instance stays fresh as long as its disks are
# provably unchanged, and not a moment longer.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in rest written grown replaced edited started running recent volatile; do
    add_instance $name --disk 1M:dense --disk 64K:dense
done
sed -i 's/^admin_state = .*/admin_state = up/' "$C/instances/running.example.com.ini"
add_instance nodisk --no-disks
sleep 3
# what changed just before an export may change once more without a trace
add_hook node1 pre 90-write "case \$GANETI_INSTANCE_NAME in
recent.*) printf x | dd of='$(disk_of recent)' conv=notrunc bs=1 status=none ;;
esac"
mount_cluster max_age=3600,linger=0,shutdown,max_jobs=4
set_params running 'shutdown = True' 'long_sleep = True'
for tar in "$M"/images/*.tar; do cat "$tar" >/dev/null; done
soon "all exports have ended" idle
before=$(runs)
stamps() { stat -c '%n %Y %s' "$M"/images/{rest,nodisk}.example.com.tar; }
seen=$(stamps)
touch -d '2 hours ago' "$C"/nodes/*/export/*
sleep 1
# count NAME: how many runs a read of it makes
count()
{
    local old
    old=$(runs)
    cat "$(tar_of "$1")" >"$TMPDIR/$1.tar"
    echo $(($(runs) - old))
}
check_eq "unchanged: no run" "$(count rest)" 0
check_match "status says why" "$(status_of rest)" '^fresh_for: the instance is at rest and unchanged'
check_eq "without disks likewise" "$(count nodisk)" 0
check_eq "stat says the same" "$(stamps)" "$seen"
check "its bytes are right" same_image rest "$TMPDIR/rest.tar"

stat "$(tar_of written)" >/dev/null
printf x | dd of="$(disk_of written 1)" conv=notrunc seek=100 bs=1 status=none
check_eq "written to a moment ago: a run" "$(count written)" 1
check "that has it" same_image written "$TMPDIR/written.tar"
truncate -s 128K "$(disk_of grown 1)"
soon "the growth is seen" eval '[ "$(stat -c %s "$(inst grown)/export/disk1.raw")" = 131072 ]'
check_eq "grown: a run" "$(count grown)" 1
cp "$(disk_of replaced)" "$TMPDIR/copy"
mv "$TMPDIR/copy" "$(disk_of replaced)"
check_eq "replaced by an equal file: a run" "$(count replaced)" 1
sed -i 's/^maxmem = .*/maxmem = 2048/' "$C/instances/edited.example.com.ini"
soon "the edit is seen" grep -q '^maxmem = 2048' "$(inst edited)/config.ini"
check_eq "another config.ini: a run" "$(count edited)" 1
touch "$C/state/fake/started.example.com"
check_eq "running: a run" "$(count started)" 1
check_eq "meant to run: a run" "$(count running)" 1
check_eq "changed just before its export: a run" "$(count recent)" 1

unmount
mount_cluster max_age=3600,linger=0
check_eq "unchanged also for a new mount" "$(count rest)" 0
check_eq "stat says the same" "$(stamps)" "$seen"
touch "$(tar_of rest)"
soon "a touch exports all the same" eval '[ "$(runs)" -gt '"$((before + 7))"' ]'

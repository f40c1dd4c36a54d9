#!/bin/bash
# timeout: 120
# rsync has taken the first disk when its pull is cut short: by Ctrl-C, by the daemon's death, by an
# unmount.  What it finds the next time must look changed, or it would keep that disk and pull the
# rest from another export.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 400M "$TMPDIR/ext4"
make_fs xfs 500M "$TMPDIR/xfs"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export" # copies
pull() { rsync -aS "$(inst web1)"/export/disk*.raw "$TMPDIR/pulled/"; }
first_is_taken() { [ -e "$TMPDIR/pulled/disk0.raw" ] && ls -A "$TMPDIR/pulled" | grep -q '^\.disk1'; }

rsync_fails() { if wait $reader; then fail "$how: rsync ends well"; else pass "$how: rsync fails"; fi; }
by_interrupt()
{
    kill -INT -- -$reader
    rsync_fails
    soon "interrupt: nothing runs" idle
    release
    check_match "interrupt: the run is cancelled" "$(status_of web1)" '^job_state: canceled'
}
by_kill()
{
    die
    rsync_fails
    mount_cluster "$options"
}
by_unmount()
{
    umount -l "$M"
    kill -INT -- -$reader
    rsync_fails
    check_wait "unmount: the daemon ends" "${daemons[$M]}"
    wait "$tracer" || true
    unset "daemons[$M]"
    mount_cluster "$options"
}

options=target_node=node2.example.com,linger=2
for how in interrupt kill unmount; do
    rm -f "$TMPDIR"/xfs/* "$C"/instances/*
    add_instance web1 --up --dir "$TMPDIR/xfs" --disk 6M:dense --disk 40M:dense
    mount_cluster "$options"
    rm -rf "$TMPDIR/pulled" && mkdir "$TMPDIR/pulled"
    hold_in pwrite64 enter 400000
    set -m
    pull 2>"$TMPDIR/error" & reader=$!
    set +m
    soon "$how: rsync has the first disk and pulls the second" first_is_taken
    by_$how
    make_disk "$(disk_of web1)" 6M:dense "$how/0"
    make_disk "$(disk_of web1 1)" 40M:dense "$how/1"
    check "$how: it pulls again" pull
    cp "$(inst web1)/export/XXH128SUMS" "$TMPDIR/pulled/"
    check "$how: what it has is one export" eval 'cd "$TMPDIR/pulled" && grep disk XXH128SUMS | xxhsum -c --quiet'
    check "$how: of the disks as they are now" cmp "$TMPDIR/pulled/disk0.raw" "$(disk_of web1)"
    soon "$how: the run is over" idle
    unmount
    rm -rf "$TMPDIR/ext4/export/web1.example.com"
done

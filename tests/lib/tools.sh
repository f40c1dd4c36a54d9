# shellcheck shell=bash
# Four runs of a backup tool over a mounted cluster, by its recipe as it is (contrib/recipes).
#
#   four_runs RECIPE REPOSITORY
#
# A test sources cluster.sh and this, and defines
#   restored NAME DIRECTORY   where a restore below DIRECTORY has put NAME's config.ini and disks
#   keeps_holes               true if a restore keeps holes
RECIPES=$LIB/../../contrib/recipes
OPTIONS=max_age=3600,linger=5

image_bytes() { sed -n 's/^gnt_exportfs_image_bytes_read_total //p' "$M/metrics"; }
daemon_bytes() { sed -n 's/^rchar: //p' "/proc/${daemons[$M]}/io"; }
runs_of() { sort "$RUNS" | uniq -c | awk '{ print $1 "x" $2 }' | sed 's/\.example\.com//' | xargs; }
allocated() { echo $(($(stat -c '%b' "$1") / 2)); }

# backup WHICH: no error, and no word of a file that changed
backup()
{
    echo 1 >/proc/sys/vm/drop_caches # what the tool reads again the daemon shall see
    local status=0
    "$RECIPES/$recipe" backup "$M" "$repository" >"$TMPDIR/said" 2>&1 || status=$?
    check_eq "$1 run" "$status $([ $status = 0 ] || cat "$TMPDIR/said")" '0 '
    # in the words of GNU tar, rsync, borg, restic, rclone
    check_no_match "$1 run: no word of a file that changed" "$(cat "$TMPDIR/said")" \
        '[Ff]ile changed|changed (while|as) |size changed|being updated|shrank|vanished|removed before|[Ww]arning|WARN|failed verif'
}

# verify WHICH: restores, and compares with the disks
verify()
{
    local name dir j
    rm -rf "$TMPDIR/restored"
    mkdir "$TMPDIR/restored"
    check "$1 run: restore" "$RECIPES/$recipe" restore "$repository" "$TMPDIR/restored"
    for name in live1 live2 rest1 rest2; do
        dir=$(restored $name "$TMPDIR/restored")
        check "$1 run: $name is right to the byte" same_directory $name "$dir"
        keeps_holes || continue
        for j in 0 1; do
            check "$1 run: $name keeps its holes" test $(($(allocated "$dir/disk$j.raw") * 10)) \
                -le $(($(allocated "$(disk_of $name $j)") * 11 + 2560))
        done
    done
}

# reads_nothing WHICH: a run that finds everything fresh
reads_nothing()
{
    local image daemon
    image=$(image_bytes)
    daemon=$(daemon_bytes)
    backup "$1"
    check_eq "$1 run: no image data was read" "$(image_bytes)" "$image"
    daemon=$(($(daemon_bytes) - daemon))
    # its requests, and small files of the cluster; the smallest disk has 1 MiB
    check "$1 run: nor did the daemon read any ($daemon bytes in all)" test $daemon -lt 800000
}

# aged: the daemon has seen that all exports are old
aged()
{
    local name
    for name in live1 live2; do status_of $name | grep -q '^export: stale' || return; done
}

four_runs()
{
    recipe=$1 repository=$2
    make_cluster
    make_fs xfs 800M "$TMPDIR/xfs"
    add_instance live1 --up --dir "$TMPDIR/xfs" --disk 24M:hole-middle --disk 3M:dense
    add_instance live2 --up --dir "$TMPDIR/xfs" --disk 3149824:sparse --disk 5M:dense --disk 1M:sparse
    add_instance rest1 --disk 30M:dense --disk 8M:hole-middle
    add_instance rest2 --disk 3M:dense --disk 16M:sparse
    mkdir "$TMPDIR/xfs/export"
    node_ini node2 "export_dir = $TMPDIR/xfs/export"
    sleep 3 # what changed just before it was exported proves nothing
    mount_cluster $OPTIONS,target_node=node2.example.com

    backup first
    verify first
    check_eq "each exported once" "$(runs_of)" "1xlive1 1xlive2 1xrest1 1xrest2"
    reads_nothing second
    check_eq "second run: no export" "$(runs)" 4

    touch -d '2 hours ago' "$TMPDIR"/xfs/export/*
    printf changed | dd of="$(disk_of rest2)" conv=notrunc seek=1000 bs=1 status=none
    printf changed | dd of="$(disk_of live1)" conv=notrunc seek=1000 bs=1 status=none
    soon "the exports have gone stale" aged
    soon "and the change is seen" eval "status_of rest2 | grep -q '^export: stale'"
    local before pulled
    before=$(image_bytes)
    backup third
    pulled=$(($(image_bytes) - before))
    check_eq "third run: what runs or has changed is exported, once" "$(runs_of)" \
        "2xlive1 2xlive2 1xrest1 2xrest2"
    check "third run: the others were not read ($pulled bytes were)" test $pulled -le \
        $((${times_read:-1} * ($(stat -c %s "$M"/images/{live1,live2,rest2}.example.com.tar | paste -sd+)) + (4 << 20)))
    verify third

    unmount
    mount_cluster $OPTIONS,target_node=node2.example.com
    reads_nothing fourth
    check_eq "fourth run: no export" "$(runs)" 7
    verify fourth
    for name in live1 live2; do check "$name runs" is_running $name; done
}

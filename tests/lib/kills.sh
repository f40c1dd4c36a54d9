# shellcheck shell=bash
# Sourced after cluster.sh: a cluster for kills.py, and how that is started.

# snap*, live*, gone*: on a file system with clones, with and without a shutdown, removed afterwards;
# slee*: stopped for the whole copy; rest*: down.  node2 takes clones.
make_kills_cluster()
{
    local name
    make_cluster
    rm -r "$C"/nodes/node1.example.com/hooks
    make_fs xfs 320M "$TMPDIR/xfs"
    mkdir "$TMPDIR/xfs/export"
    rmdir "$(exports_of node2)"
    ln -s "$TMPDIR/xfs/export" "$(exports_of node2)"
    make_fs ext4 64M "$TMPDIR/ext4"
    for name in snap1 live1; do add_instance $name --up --dir "$TMPDIR/xfs" --disk 4K --disk 4K; done
    for name in slee1 gone1; do add_instance $name --up --dir "$TMPDIR/ext4" --disk 4K --disk 4K; done
    add_instance rest1 --dir "$TMPDIR/ext4" --disk 4K --disk 4K
}

# kills HOW ROUNDS: in the end of the test
kills()
{
    local status=0
    mkdir "$TMPDIR/mounts"
    python3 "$LIB/kills.py" "$C" "$TMPDIR/mounts" "$GNT" "$1" "$2" "${SEED:-$RANDOM}" || status=$?
    exit $status
}

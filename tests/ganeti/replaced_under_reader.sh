#!/bin/bash
# timeout: 150
# Ganeti replaces an export by deletion and rename.  Who has the old one open gets all of the old one,
# or EIO: never a byte of the new one.
. "$(dirname "$0")/../lib/ganeti.sh"
need big1
need_export big1 4
disk=$(echo "$GNT_ROOT"/node?/srv/ganeti/file-storage/"$(dom big1)"/*.disk0)
refill() { disk_content big1 0 "$1" | dd of="$disk" bs=1M conv=notrunc iflag=fullblock status=none; }
at_end 'refill big1; no_exports big1'
mount_cluster max_age=100000
check "the export is seen" wait_until 30 test -e "$(node_export big1 4)/config.ini"
dump=$(echo "$(node_export big1 4)"/*-*)
# slow FILE OUT: reads 5 MiB, and all the rest when $TMPDIR/go is there
slow() { { head -c 5M; : >"$2.begun"; while [ ! -e "$TMPDIR/go" ]; do sleep 0.1; done; cat; } <"$1" >"$2"; }
slow "$dump" "$TMPDIR/a" 2>"$TMPDIR/a.said" & first=$!
slow "$(inst big1)/export/disk0.raw" "$TMPDIR/b" 2>"$TMPDIR/b.said" & second=$!
slow "$(tar_of big1)" "$TMPDIR/c" 2>"$TMPDIR/c.said" & third=$!
check "three readers have begun" wait_until 30 test -e "$TMPDIR/a.begun" -a -e "$TMPDIR/b.begun" -a -e "$TMPDIR/c.begun"
cat "$(tar_of big1)" >"$TMPDIR/whole.tar"
old=$(stat -c %Y "$(tar_of big1)")
refill v2
gnt gnt-backup export -n node4 big1 >/dev/null 2>&1
soon "the new one is seen" eval '[ "$(stat -c %Y "$(tar_of big1)")" != "$old" ]'
: >"$TMPDIR/go"
reference() { case $1 in c) cat "$TMPDIR/whole.tar" ;; *) disk_content big1 0 ;; esac; }
for reader in "$first a" "$second b" "$third c"; do
    name=${reader#* } status=0
    wait "${reader% *}" || status=$?
    if [ $status = 0 ]; then
        check "reader $name: all of the old one" eval "reference $name | cmp - $TMPDIR/$name"
    else
        check_match "reader $name: EIO" "$(cat "$TMPDIR/$name.said")" 'Input/output error|Stale'
        check "reader $name: the old one up to there" eval "reference $name | cmp -n $(stat -c %s "$TMPDIR/$name") - $TMPDIR/$name"
    fi
done
check "whoever opens it now gets the new one" same_disk big1 0 "$(inst big1)/export/disk0.raw" v2
check "on its node as well" same_disk big1 0 "$(echo "$(node_export big1 4)"/*-*)" v2
check "with sums that are right" eval 'cp -r "$(inst big1)/export" "$TMPDIR/x" && cd "$TMPDIR/x" && xxhsum -c --quiet XXH128SUMS'

#!/bin/bash
# DESIGN §2, -o keep: the last reader counts through whichever mount he came.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in read left; do add_instance $name --disk 1M:dense; done
other=$TMPDIR/mnt2
mount_cluster max_age=86400,linger=0
for name in read left; do cat "$(tar_of $name)" >/dev/null; done
soon "both are exported" idle
mount_cluster max_age=86400,linger=0 "$other" # keeps, and only reads
unmount
touch -d '1 hour ago' "$C"/nodes/*/export/*
sleep 2
cat "$other/images/read.example.com.tar" >/dev/null
mount_cluster keep=600,max_age=86400,linger=0
on_disk() { ls -d "$C"/nodes/*/export/* 2>/dev/null | sed 's,.*/,,' | sort | xargs; }
check_eq "all is there for the reader's sake" "$(on_disk | tr ' ' '\n' | grep -c .)" 2
unmount
mount_cluster keep=4,max_age=86400,linger=0
while sleep 0.5 && [ "$(on_disk)" = "left.example.com read.example.com" ] && [ $SECONDS -lt 40 ]; do
    cat "$other/images/read.example.com.tar" >/dev/null
done
check_eq "who reads through the other mount keeps it here" "$(on_disk)" read.example.com
soon "when he has left for so long it goes, too" eval '[ -z "$(on_disk)" ]'
check_eq "one run each" "$(runs)" 2

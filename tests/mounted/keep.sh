#!/bin/bash
# DESIGN §2, -o keep: an export that readers asked for goes that long after the last of them; one
# that was touched stays.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in read touched held; do add_instance $name --disk 1M:dense; done
mount_cluster ''
cat "$(tar_of read)" >/dev/null
cat "$(tar_of held)" >/dev/null
touch_export touched
unmount
on_disk() { ls -d "$C"/nodes/*/export/* 2>/dev/null | sed 's,.*/,,'; }
check_eq "without keep nothing goes" "$(on_disk | sort | xargs)" \
    "held.example.com read.example.com touched.example.com"
touch -d '1 hour ago' "$C"/nodes/*/export/*
mount_cluster keep=4,max_age=86400,linger=0
exec 3<"$(tar_of held)"
head -c 1 <&3 >/dev/null
soon "the export of a reader goes" eval '! on_disk | grep -q ^read'
soon "its image is promised anew" eval 'status_of read | grep -q "^export: none"'
check_eq "those that are open or were touched stay" "$(on_disk | sort | xargs)" \
    "held.example.com touched.example.com"
exec 3<&-
soon "the one that was open goes afterwards" eval '! on_disk | grep -q ^held'
check_eq "the touched one stays" "$(on_disk | xargs)" touched.example.com
cat "$(tar_of read)" >"$TMPDIR/read.tar"
check "a read makes it again" same_image read "$TMPDIR/read.tar"

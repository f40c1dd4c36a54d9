#!/bin/bash
# A new mount says of config.ini what the old one said, bytes and times; a changed one is newer.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense
touch -d '3 days ago' "$C/instances/web1.example.com.ini"
mount_cluster ''
say() { stat -c '%i %s %Y %Z' "$(inst web1)/config.ini"; md5sum <"$(inst web1)/config.ini"; }
first=$(say)
check_eq "as old as the instance's file" "$(stat -c %Y "$(inst web1)/config.ini")" \
    "$(stat -c %Y "$C/instances/web1.example.com.ini")"
unmount
mount_cluster ''
check_eq "the same after a remount" "$(say)" "$first"
truncate -s 3M "$(disk_of web1)"
soon "a grown disk shows" eval '[ "$(say)" != "$first" ]'
grown=$(say)
check "it is newer" test "$(stat -c %Y "$(inst web1)/config.ini")" -gt "$(stat -c %Y "$C/instances/web1.example.com.ini")"
unmount
mount_cluster ''
check_eq "and stays so after a remount" "$(say)" "$grown"

#!/bin/bash
# DESIGN §3: with several instances, of which each has another T, XXH128SUMS and an instance's status
# are newer than that image, and the mount's status is newer than all of them.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in a b c; do add_instance $name --disk 100000:dense; done
mount_cluster ''
touch_export a
touch_export b # c has none
touch_export b
stamp() { stat -c %Y "$1"; }
newest=0
for name in a b c; do
    t=$(stamp "$(tar_of $name)")
    for file in config.ini disk0.raw; do check_eq "$name: T of $file" "$(stamp "$(inst $name)/export/$file")" "$t"; done
    check_eq "$name: checksums are a second newer" "$(stamp "$(inst $name)/export/XXH128SUMS")" $((t + 1))
    check "$name: status is newer" test "$(stamp "$(inst $name)/status")" -gt "$t"
    [ "$t" -le $newest ] || newest=$t
done
check "the instances' T differ" test "$(stamp "$(tar_of a)")" -lt "$(stamp "$(tar_of b)")"
check "the mount's status is newer than any image" test "$(stamp "$M/status")" -gt $((newest + 1))

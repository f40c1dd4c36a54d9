#!/bin/bash
# timeout: 1800
# A published tar and a published disk of 1 GiB, read once through with reads of 128 KiB and 1 MiB;
# the dump itself, and that through libfuse's own example passthrough_ll.  Cold: nothing in memory;
# hot: the dump is, and the file of the mount was read once before.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
published_cluster $((1 << 30))
example_of_dump

declare -A file=([disk]=$disk [tar]=$tar [dump]=$dump [example]=$example_disk)
compared=()
for what in disk tar dump example; do
    for size in 128k 1M; do
        eval "${what}_${size}_cold() { dd if=${file[$what]} of=/dev/null bs=$size status=none; }"
        eval "before_${what}_${size}_cold() { cold ${file[*]}; }"
        eval "${what}_${size}_hot() { dd if=${file[$what]} of=/dev/null bs=$size status=none; }"
        eval "before_${what}_${size}_hot() { hot $dump ${file[$what]}; }"
        compared+=("${what}_${size}_cold" "${what}_${size}_hot")
    done
done
in_rounds "${compared[@]}"
end_example
check "what was read is right" cmp "$dump" "$disk"
passthrough=
! grep -qx 'passthrough: yes' "$M/status" || passthrough=yes
for size in 128k 1M; do
    for what in disk tar; do
        hot='>= 0.4'
        [ "$what$passthrough" != diskyes ] || hot='>= 0.95'
        compare "$what, $size, cold${passthrough:+, passthrough}" speed ${what}_${size}_cold dump_${size}_cold '>= 0.9'
        compare "$what, $size, hot${passthrough:+, passthrough}" speed ${what}_${size}_hot dump_${size}_hot "$hot"
    done
    for state in cold hot; do
        compare "disk, $size, $state; passthrough_ll" speed disk_${size}_$state example_${size}_$state ''
    done
done

#!/bin/bash
# timeout: 1800
# Eight exports of 512 MiB started together; one cp of 4 GiB and sync -f.  Eight readers of one
# running export; one reader.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
make_cluster
for i in 1 2 3 4 5 6 7 8; do dense_instance web$i $((512 << 20)); done
dense_instance one $((1 << 30))
dense_file "$C/big" $((4 << 30))
mount_cluster max_jobs=8,max_age=0,linger=0,target_node=node2

before_eight() { wait_until 60 idle && settled && cold "$C"/disks/*; }
before_cp() { wait_until 60 idle && rm -f "$C/copy" && settled && cold "$C/big"; }
eight()
{
    local i before=()
    for i in 1 2 3 4 5 6 7 8; do before[i]=$(published web$i node2); done
    touch "$M"/images/web?.example.com.tar
    for i in 1 2 3 4 5 6 7 8; do
        while [ "$(published web$i node2)" = "${before[i]}" ]; do sleep 0.005; done
    done
}
cp() { command cp --sparse=never "$C/big" "$C/copy" && sync -f "$C/copy"; }
before_readers_8() { wait_until 60 idle && rm -f "$C/copy" && change_disk one && settled && cold "$(disk_of one)"; }
before_readers_1() { before_readers_8; }
readers_8()
{
    local i pids=()
    for i in 1 2 3 4 5 6 7 8; do
        cat "$(tar_of one)" >/dev/null &
        pids+=($!)
    done
    wait "${pids[@]}"
}
readers_1() { cat "$(tar_of one)" >/dev/null; }

eight
in_rounds eight cp readers_8 readers_1
check "eight readers cost one copy" test "$(grep -c '^one' "$RUNS")" = $((2 * ROUNDS))
compare 'eight exports' time eight cp '<= 1.15'
compare 'eight readers of one export, one reader' time readers_8 readers_1 ''

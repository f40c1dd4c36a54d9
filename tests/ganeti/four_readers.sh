#!/bin/bash
# timeout: 180
# Four readers of four instances at once: each gets its own bytes, by one job each.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1 rest2 rest3 rest4
mount_cluster max_age=0,linger=60,max_jobs=4
declare -A reader=() before=()
for name in rest1 rest2 rest3 rest4; do before[$name]=$(njobs $name); done
for name in rest1 rest2 rest3 rest4; do
    cp "$(tar_of $name)" "$TMPDIR/$name.tar" & reader[$name]=$!
done
for name in rest1 rest2 rest3 rest4; do soon "$name: there is a job" has_job $name "${before[$name]}"; done
for name in rest1 rest2 rest3 rest4; do
    check_wait "$name: cp" "${reader[$name]}"
    check "$name: right to the bit" same_image $name "$TMPDIR/$name.tar"
    check_eq "$name: one job" "$(njobs $name)" "$((before[$name] + 1))"
done

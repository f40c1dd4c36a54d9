#!/bin/bash
# timeout: 1200
# What hashing costs: processor time of an export of a dense disk of 2 GiB, less that of cp of the
# same file; xxh128sum of the file, which is in memory.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
dense_cluster $((2 << 30)) max_age=0,linger=0
copy=$C/copy

# Seconds of processor time that a command uses.
cpu_of() { (TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>&1) 2>&1 | awk '{ print $1 + $2 }'; }

export_now web1 node2
for ((round = 0; round < ROUNDS; round++)); do
    settled && hot "$disk"
    before=$(daemon_cpu)
    export_now web1 node2
    exported=$(awk "BEGIN { print $(daemon_cpu) - $before }")
    settled && hot "$disk"
    copied=$(cpu_of command cp --sparse=never "$disk" "$copy")
    rm "$copy"
    hot "$disk"
    sample hashing "$(awk "BEGIN { d = $exported - $copied; print (d > 0 ? d : 0.001) }")"
    sample xxh128sum "$(cpu_of xxh128sum "$disk")"
done
compare 'processor time of the hash' time hashing xxh128sum '<= 1.1'

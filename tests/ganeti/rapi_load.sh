#!/bin/bash
# timeout: 90
# The load on RAPI is bounded: some bulk queries each `refresh`, however many look at the tree.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1 rest2 rest3 rest4
mount_cluster refresh=5
check "the nodes are seen" wait_until 30 seen 1 2 3 4
log=$(node_dir 1)/var/log/ganeti/rapi-daemon.log
requests() { grep -E ' (GET|PUT|POST) /' "$log"; }
before=$(requests | wc -l)
for _ in $(seq 10); do
    sleep 1
    ls -lR "$M" >/dev/null
    cat "$M"/instances/*/{status,config.ini} "$M"/nodes/*/status >/dev/null
done
n=$(($(requests | wc -l) - before))
check "some are made in ten seconds ($n)" test $n -ge 2
check "but not many" test $n -le 25
check_no_match "and none for a single instance" "$(requests | tail -n $n)" ' (GET|PUT) /2/(instances|nodes)/[a-z]'

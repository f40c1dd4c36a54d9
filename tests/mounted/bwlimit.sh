#!/bin/bash
# timeout: 150
# -o bwlimit: all copying of a mount together is never quicker; of the first chunk of each, and of
# what was saved up (a twentieth of a second's worth), nothing is said.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 40M:dense
add_instance web2 --disk 20M:dense
add_instance web3 --disk 20M:dense
add_instance new1 --disk 1M
mount_cluster bwlimit=8M
check_match "status tells" "$(cat "$M/status")" '^bwlimit: 8388608$'

# at_least MILLISECONDS WHAT COMMAND...
at_least()
{
    local least=$1 what=$2 begun
    shift 2
    begun=$(date +%s%3N)
    check "$what" "$@"
    check "$what: no quicker than allowed" test $(($(date +%s%3N) - begun)) -ge "$least"
}
both()
{
    touch "$(tar_of web2)" "$(tar_of web3)"
    wait_until 60 idle
}

at_least 4000 "40 MiB at 8 MiB a second" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "right to the byte" same_image web1 "$TMPDIR/web1.tar"
at_least 4000 "two exports of 20 MiB beside each other" both
check_eq "both are there" "$(ls -d "$M"/nodes/*/exports/web[23].example.com | wc -l)" 2
# what is written is checked, and copied or, as a clone, hashed
tar -C "$(inst web2)" -cf "$TMPDIR/web2.tar" export
at_least 4000 "20 MiB written" cp "$(tar_of web2)" "$M/nodes/node3.example.com/images/web2.example.com.tar"
wait_until 60 idle
check "right to the byte" same_image web2 "$M/nodes/node3.example.com/images/web2.example.com.tar"

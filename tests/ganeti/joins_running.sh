#!/bin/bash
# timeout: 90
# A reader joins an export that somebody else has started: one job.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest2
mount_cluster max_age=0,linger=0
before=$(njobs rest2)
hold_export rest2
job=$(submit gnt-backup export -n node4 rest2)
check "it runs" wait_until 40 export_held rest2
cp "$(tar_of rest2)" "$TMPDIR/rest2.tar" & reader=$!
soon "a reader waits for it" grep -Eq '^readers: [1-9]' "$(inst rest2)/status"
sleep 3
check_eq "there is no other job" "$(njobs rest2)" "$((before + 1))"
let_export_go rest2
check_wait "cp" $reader
check "right to the bit" same_image rest2 "$TMPDIR/rest2.tar"
check_eq "one job in all" "$(njobs rest2)" "$((before + 1))"
check "and that ended well" job_is "$job" success
check_match "its log is shown" "$(cat "$(inst rest2)/log")" 'Exporting disk/0'

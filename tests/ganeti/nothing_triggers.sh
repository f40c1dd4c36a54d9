#!/bin/bash
# Looking never starts anything, however old the exports are.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1 two1 run1 live1
need_export two1 4
mount_cluster max_age=0,linger=0,retry_after=0
check "the nodes are seen" wait_until 30 seen 1 2 3 4
jobs() { gnt gnt-job list --no-headers -o id | tail -n 1; }
before=$(jobs)
check "stat" stat "$(tar_of rest1)" "$(inst run1)/export/disk0.raw"
check "ls -lR" ls -lRa "$M"
check "find" find "$M" -size +1 -newer "$GNT_ROOT/hosts"
check "du" du -a "$M"
check "df" df "$M"
check "open and close" python3 "$image_py" open "$(inst rest1)/config.ini"
check "config.ini, params, status, log" cat "$(inst rest1)"/{config.ini,params,status,log} "$M/status" "$M/metrics"
check "writing params" set_params rest1 'priority = 0'
check "an export on its node" cp -r "$(node_export two1 4)" "$TMPDIR/x"
check "the same as one file" cp "$(node_tar two1 4)" "$TMPDIR/x.tar"
check "nodes' status" cat "$M"/nodes/*/status
sleep 2
check_eq "no job came of all that" "$(jobs)" "$before"
check "run1 runs" is_running run1
check "live1 runs" is_running live1

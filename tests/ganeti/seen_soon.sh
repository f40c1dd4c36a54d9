#!/bin/bash
# timeout: 90
# What gnt-backup makes and removes is seen within two seconds, and is read without another job.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
no_exports rest1
mount_cluster max_age=3600,refresh=5
check "the nodes are seen" wait_until 30 seen 1 2 3 4
check "none yet" eval '! ls -d "$M"/nodes/*/exports/"$(dom rest1)"'
identity=$(stat -c '%i %Y' "$(tar_of rest1)")
gnt gnt-backup export -n node1 rest1 >/dev/null 2>&1
here() { test -e "$(node_export rest1 1)/config.ini" && grep -q "^node: $(node_name 1)" "$(inst rest1)/status"; }
within() # SECONDS COMMAND...: as wait_until, but to the tenth
{
    local end=$(($(date +%s%N) + $1 * 1000000000))
    shift
    until "$@" 2>/dev/null; do
        [ "$(date +%s%N)" -lt $end ] || return 1
        sleep 0.1
    done
}
if [ -n "${SLOW:-}${SANITIZE:-}" ]; then soon "it is seen" here; else check "seen within two seconds" within 2 here; fi
jobs=$(njobs rest1)
check "cp" cp "$(tar_of rest1)" "$TMPDIR/rest1.tar"
check "right to the bit" same_image rest1 "$TMPDIR/rest1.tar"
check_eq "there was no other job" "$(njobs rest1)" "$jobs"
check_eq "same inode" "$(stat -c %i "$(tar_of rest1)")" "${identity% *}"
gnt gnt-backup remove "$(dom rest1)" >/dev/null 2>&1
soon "a removal is seen" eval '! test -e "$(node_export rest1 1)"'
soon "by the instance, too" grep -q '^export: none' "$(inst rest1)/status"

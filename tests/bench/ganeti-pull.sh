#!/bin/bash
# timeout: 1200
# cluster: ganeti
# A fresh export of a stopped instance with a disk of 1 GiB, and `cp` of its tar out of the mount;
# `gnt-backup export` to the same node, and `scp` of the files.  Both end in memory.
. "$(dirname "$0")/../lib/ganeti.sh"
. "$(dirname "$0")/lib.sh"
need bench1
need_export bench1 3
mount_cluster "max_age=0,linger=0,target_node=$(node_name 3)"
check "the cluster is seen" wait_until 30 test -e "$(node_export bench1 3)/config.ini"
on_tmpfs
options=(-i "$GNT_ROOT/ssh/id_ed25519" -o "UserKnownHostsFile=$GNT_ROOT/known_hosts"
    -o "HostKeyAlias=cluster.$GNT_DOMAIN" -o StrictHostKeyChecking=yes -o BatchMode=yes)

before_pull() { rm -rf "$OUT"/*; wait_until 60 idle; }
before_by_hand() { before_pull; }
pull() { cp "$(tar_of bench1)" "$OUT/"; }
export_only() { gnt gnt-backup export --noshutdown -n "$(node_name 3)" "$(dom bench1)" >"$TMPDIR/gnt-backup" 2>&1; }
by_hand()
{
    timed gnt_backup export_only
    inside scp -q -r -F none "${options[@]}" "root@$(node_ip 3):/var/lib/ganeti/export/$(dom bench1)" "$OUT/"
}

jobs=$(njobs bench1)
in_rounds pull by_hand
check_eq "each made one job" "$(njobs bench1)" $((jobs + 2 * ROUNDS))
before_pull && pull
check "what was pulled is right" same_image bench1 "$OUT/$(dom bench1).tar"
compare '1 GiB, to node 3' time pull by_hand '<= 1.05'
compare 'gnt-backup export alone' time gnt_backup by_hand ''

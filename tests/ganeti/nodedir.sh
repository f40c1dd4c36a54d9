#!/bin/bash
# timeout: 90
# With nodedir= a node's exports are read from a directory of this machine, without SSH.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
on 4 pkill sshd || true
sshd_up() { power_off 4; wait_until 20 eval '! is_ready 4'; power_on 4; }
at_end sshd_up
mkdir -p "$(exports_of 3)"
mount_cluster "max_age=100000,nodedir=node4:$(exports_of 4),nodedir=$(node_name 3):$(exports_of 3)"
check "it is seen" wait_until 30 seen 4 3
check "an export there is read" cp "$(tar_of rest1)" "$TMPDIR/rest1.tar"
check "right to the bit" same_image rest1 "$TMPDIR/rest1.tar"
check "as it lies there" same_disk rest1 0 "$(echo "$(node_export rest1 4)"/*-*)"
cp -a "$(export_on rest1 4)" "$(export_on gone3 3)"
at_end 'rm -rf "$(export_on gone3 3)"'
soon "what comes is seen" test -e "$(node_export gone3 3)/config.ini"
rm -r "$(export_on gone3 3)"
soon "what goes, too" eval '! test -e "$(node_export gone3 3)"'

#!/bin/bash
# timeout: 120
# Instances that are added, renamed, started and removed while mounted are followed.
. "$(dirname "$0")/../lib/ganeti.sh"
need two1
need_export two1 4
mount_cluster
has() { test -d "$(inst "$1")" && ls "$M/instances" | grep -qx "$(dom "$1")" && test -e "$(tar_of "$1")"; }
at_end 'gnt gnt-instance remove -f "$(dom new2)" || gnt gnt-instance remove -f "$(dom gone1)"'
check "new2 is not there yet" eval '! has new2'
need new2
soon "added: it is there" has new2
gnt gnt-instance start new2 >/dev/null
soon "started: it is up" grep -q '^state: up' "$(inst new2)/status"
gnt gnt-instance stop new2 >/dev/null
soon "stopped: it is down" grep -q '^state: down' "$(inst new2)/status"
gnt gnt-instance rename --force --no-ip-check --no-name-check new2 "$(dom gone1)" >/dev/null 2>&1
soon "renamed: under its new name" has gone1
soon "and not under the old one" eval '! has new2'
gnt gnt-instance remove -f gone1 >/dev/null
soon "removed: it has gone" eval '! has gone1'
check_fails "its image is ENOENT" 'No such file' cat "$(tar_of gone1)"
cp -a "$(export_on two1 4)" "$(export_on gone2 4)"
at_end 'rm -rf "$(export_on gone2 4)"'
soon "an export of an instance that is no more lies on its node" test -e "$(node_export gone2 4)/config.ini"
check "and nowhere else" eval '! has gone2'

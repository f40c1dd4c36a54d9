#!/bin/bash
# Nobody but the owner of the mount and root writes images, not even over one that is there, and not
# even who may override modes.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 1M:dense
mount_cluster allow_other,umask=000
pull web1
chmod 755 "$TMPDIR"
chmod 644 "$TMPDIR/web1.tar"
mighty() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +dac_override --ambient-caps +dac_override "$@"; }
mighty true || skip "setpriv cannot give capabilities here"
for who in nobody mighty; do
    check_fails "$who: over one that is there" 'ermission denied' $who cp "$TMPDIR/web1.tar" "$(node_tar web1 2)"
    check_fails "$who: under a new name" 'ermission denied' $who cp "$TMPDIR/web1.tar" "$(node_tar web1 3)"
    check_fails "$who: a directory" 'ermission denied' $who mkdir "$(node_export web1 3)"
done
check_eq "nothing was started" "$(runs)" 1
check "the export stays" old_stays web1

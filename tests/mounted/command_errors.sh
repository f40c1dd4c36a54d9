#!/bin/bash
# What cannot work is said on stderr, with an exit status of its own, and mounts nothing.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
mkdir "$M"

# refused WHAT STATUS TEXT ARGUMENT...
refused()
{
    local what=$1 wanted=$2 text=$3 status=0 seen
    shift 3
    seen=$(timeout 20 "$GNT" -f "$@" 2>&1) || status=$?
    check_eq "$what: exit status" "$status" "$wanted"
    check_match "$what: says why" "$seen" "$text"
}

refused "no arguments" 2 'missing.*CLUSTER'
refused "unknown option" 2 "flavour" -o flavour=3 "$C" "$M"
refused "bad number" 2 "max_age" -o max_age=soon "$C" "$M"
refused "negative number" 2 "max_jobs" -o max_jobs=-1 "$C" "$M"
refused "too many arguments" 2 'usage|argument' "$C" "$M" more
refused "no such cluster" 3 'none.*No such file' "$TMPDIR/none" "$M"
mkdir "$TMPDIR/empty"
refused "a directory that is no cluster" 3 'cluster.ini' "$TMPDIR/empty" "$M"
cp -r "$C" "$TMPDIR/c2"
echo 'nonsense' >"$TMPDIR/c2/cluster.ini"
refused "a syntax error in cluster.ini" 3 'cluster.ini.*line 1' "$TMPDIR/c2" "$M"
printf '[cluster]\nname = c1\n' >"$TMPDIR/c2/cluster.ini"
refused "no master" 3 'master_node' "$TMPDIR/c2" "$M"
printf '[cluster]\nname = c1\nmaster_node = node9.example.com\n' >"$TMPDIR/c2/cluster.ini"
refused "a master that is no node" 3 'node9' "$TMPDIR/c2" "$M"
refused "a Ganeti cluster that is not there" 3 'cannot connect' ganeti:127.0.0.1:9 "$M"
refused "a Ganeti cluster without a host" 3 'HOST' ganeti: "$M"
refused "a port that is none" 3 "not a port: ':http'" ganeti:localhost:http "$M"
refused "credentials that others can read" 3 'lets others have it' -o "credentials=$C/cluster.ini" ganeti:127.0.0.1:9 "$M"
refused "an option that only such a cluster has" 2 'cafile' -o cafile=x.pem "$C" "$M"
refused "no such mount point" 4 'nowhere' "$C" "$TMPDIR/nowhere"
refused "a mount point that is a file" 4 'cluster.ini' "$C" "$C/cluster.ini"
mount_cluster ''
refused "a busy mount point" 4 "$M" "$C" "$M"
check "the first mount is untouched" ls "$M/instances"
check_match "--help" "$("$GNT" --help)" 'usage.*CLUSTER'
check_match "--version" "$("$GNT" --version)" 'gnt-exportfs'

#!/bin/bash
# timeout: 120
# A mount that cannot be: exit status 3 and a text that says why; no mount.
. "$(dirname "$0")/../lib/ganeti.sh"
refused() # WHAT REGEX STATUS OPTIONS
{
    local said status=0
    said=$(try_mount "$4" 2>&1) || status=$?
    check_eq "$1: status" "$status" "$3"
    check_match "$1: says why" "$said" "$2"
    check_no_match "$1: without the password" "$said" 'fusepw|secret'
    check "$1: no mount" eval '! mountpoint -q "$M"'
}
printf 'username=%s\npassword=secret\n' "$GNT_USER" >"$TMPDIR/wrong"
cp "$GNT_ROOT/credentials" "$TMPDIR/open"
chmod 600 "$TMPDIR/wrong"
chmod 644 "$TMPDIR/open"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$TMPDIR/key" -out "$TMPDIR/ca.pem" -subj /CN=ganeti.example.com 2>/dev/null
refused "a wrong password" '401|password|unauthorized|denied' 3 "credentials=$TMPDIR/wrong"
refused "a password that others can read" "$TMPDIR/open.*(mode|others|permission|read)" 3 "credentials=$TMPDIR/open"
refused "no such file" "$TMPDIR/none.*No such file" 3 "credentials=$TMPDIR/none"
refused "another authority" 'certificate|TLS|SSL' 3 "cafile=$TMPDIR/ca.pem"
refused "no authority" 'certificate|TLS|SSL' 3 "no-cafile"
GNT_ADDRESS=$GNT_NET.77 refused "nobody there" "$GNT_NET.77.*(route|connect|timed out|timeout|unreach)" 3 ''
GNT_ADDRESS=$GNT_NET.1:5999 refused "another port" '5999.*(refused|connect)' 3 ''
refused "a node that is none" 'node9' 3 'nodedir=node9:/tmp'
refused "an option that is none" 'no_such' 2 'no_such=1'
mount_cluster insecure,no-cafile
check "insecure, when asked for: mounted" ls "$M/instances"

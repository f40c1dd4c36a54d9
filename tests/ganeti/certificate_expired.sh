#!/bin/bash
# timeout: 120
# A certificate that has expired: no mount; of a mount that is there status says so, and it recovers.
. "$(dirname "$0")/../lib/ganeti.sh"
mount_cluster ''
pem=$(node_dir 1)/var/lib/ganeti/rapi.pem
cp -p "$pem" "$TMPDIR/rapi.pem"
rapi() { on 1 /usr/lib/ganeti/daemon-util "$1" ganeti-rapi; }
serve() # PEM: written in place, so that its owner stays
{
    rapi stop
    cat "$1" >"$pem"
    rapi start
}
at_end serve "$TMPDIR/rapi.pem"
make_expired() # by its own key, as Ganeti's are
{
    cd "$TMPDIR" || exit
    : >index
    echo 01 >serial
    printf '%s\n' '[ca]' default_ca=c '[c]' database=index serial=serial new_certs_dir=. default_md=sha256 \
        policy=p '[p]' commonName=supplied >ca.cnf
    openssl req -newkey rsa:2048 -nodes -keyout key -out request -subj /CN=ganeti.example.com
    openssl ca -batch -config ca.cnf -selfsign -keyfile key -in request -notext -out old.pem \
        -startdate 20200101000000Z -enddate 20200201000000Z
    cat key old.pem >expired.pem
}
(make_expired) >"$TMPDIR/openssl" 2>&1
serve "$TMPDIR/expired.pem"
soon "status says so" grep -Eiq '^error: .*(certificate|TLS|SSL)' "$M/status"
status=0
said=$(try_mount "cafile=$TMPDIR/old.pem" "$TMPDIR/mnt2" 2>&1) || status=$?
check_eq "another mount is refused" "$status" 3
check_match "and says why" "$said" 'expired'
serve "$TMPDIR/rapi.pem"
soon "with the right one the mount is well" eval '! grep -q ^error: "$M/status"'

#!/bin/bash
# timeout: 90
# The password becomes wrong while mounted: status says so, what was known stays, and all is well
# once the file has the right one.  A user who may not write can read all there is.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 4
cp -p "$GNT_ROOT/credentials" "$TMPDIR/credentials"
mount_cluster "max_age=100000,retry_after=0,credentials=$TMPDIR/credentials"
check "the nodes are seen" wait_until 30 seen 1 2 3 4
users=$(node_dir 1)/var/lib/ganeti/rapi/users
set_password() { sed -i --follow-symlinks "s/^fuse .*/fuse $1 write/" "$users" && on 1 chown gnt-rapi:gnt-admin /var/lib/ganeti/rapi/users; }
at_end "set_password $GNT_PASSWORD"
set_password changed
soon "status says so" grep -Eiq '^error: .*(401|password|unauthorized|denied)' "$M/status"
check "the instances are still there" test -d "$(inst rest1)"
check "an export is read" same_disk rest1 0 "$(inst rest1)/export/disk0.raw"
before=$(njobs rest1)
touch "$(tar_of rest1)" 2>"$TMPDIR/said" || true
soon "touch is an error, at once or in the background" eval \
    '[ -s "$TMPDIR/said" ] || grep -Eq "^(error|refused): " "$(inst rest1)/status"'
sed 's/^/# /' "$TMPDIR/said"
check_eq "and no job" "$(njobs rest1)" "$before"
sed -i 's/^password=.*/password=changed/' "$TMPDIR/credentials"
soon "with the right one: no error" eval '! grep -q ^error: "$M/status"'
set_password "$GNT_PASSWORD"
sed -i 's/^password=.*/password=ropw/; s/^username=.*/username=ro/' "$TMPDIR/credentials"
soon "who may only read sees all" eval '! grep -q ^error: "$M/status" && sleep 2 && ! grep -q ^error: "$M/status"'
check "and reads exports" same_disk rest1 0 "$(inst rest1)/export/disk0.raw"
before=$(njobs rest1)
touch "$(tar_of rest1)" 2>"$TMPDIR/said" || true
soon "but makes none" eval 'cat "$TMPDIR/said" "$(inst rest1)/status" | grep -Eiq "permission|permitted|403|forbidden"'
check_eq "no job" "$(njobs rest1)" "$before"

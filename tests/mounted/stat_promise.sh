#!/bin/bash
# DESIGN §3: size, mtime, ctime and inode are promised before, kept after, and differ between exports.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster max_age=2,linger=0
identity() { stat -c '%i %s %Y %Z' "$@"; }
files="$(tar_of web1) $(inst web1)/export/config.ini $(inst web1)/export/disk0.raw"

promised=$(identity $files)
sleep 1.1
check_eq "the promise does not move" "$(identity $files)" "$promised"
cat "$(tar_of web1)" >/dev/null
check_eq "kept by the export that the read started" "$(identity $files)" "$promised"
mtime=$(stat -c %Y "$(tar_of web1)")
for f in "$(inst web1)/status" "$M/status"; do
    [ "$(stat -c %Y "$f")" -gt "$mtime" ] && pass "newer than any image: ${f#"$M"/}" || fail "newer: $f"
done
soon "the run is over" idle
at=$(dirname "$(echo "$C"/nodes/*/export/web1.example.com/config.ini)")
check_eq "published under exactly that time" "$(stat -c %Y "$at/config.ini")" "$mtime"
change_disk web1
wait_until 20 eval '[ "$(stat -c %Y "$(tar_of web1)")" != "$mtime" ]' || true
later=$(stat -c %Y "$(tar_of web1)")
[ "$later" -gt "$mtime" ] && pass "stale: stat looks changed" || fail "stale: stat looks changed" "$later"
check_eq "same inode" "$(stat -c %i "$(tar_of web1)")" "$(cut -d' ' -f1 <<<"$promised" | head -1)"
before=$(identity $files)
unmount
mount_cluster max_age=2,linger=0
check_eq "the promise outlives the mount" "$(identity $files)" "$before"
cat "$(tar_of web1)" >/dev/null
check_eq "and is kept by the next one" "$(identity "$(tar_of web1)")" "$(head -1 <<<"$before")"
check_eq "two runs in all" "$(runs)" 2

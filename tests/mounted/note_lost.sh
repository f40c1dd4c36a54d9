#!/bin/bash
# A note that cannot be read is not taken for none: the instance is started, stages are swept on every
# node, and while one cannot be asked, that is told.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up
add_instance web2 --up
add_instance idle
mount_cluster shutdown
set_params web1 'long_sleep = True'
set_params web2 'long_sleep = True'
touch_export web2 node1
unmount
mkdir -p "$C/state/journal"
head -c 3000 /dev/urandom >"$C/state/journal/web1.example.com"
ln -s /etc/passwd "$C/state/journal/web2.example.com"
: >"$C/state/journal/idle.example.com"
rm -f "$C/state/fake/web1.example.com" "$C/state/fake/web2.example.com"
for node in node1 node2 node3; do
    mkdir "$(exports_of $node)"/.web{1,2}.example.com.{new,gone}-abcdef "$(exports_of $node)/.other.example.com.new-abcdef"
    touch "$(exports_of $node)"/.web{1,2}.example.com.{new,gone}-abcdef/disk0.raw
done
node_ini node3 'offline = True'
staged() { ls -A "$(exports_of "$1")" | grep '^\.web'; }

mount_cluster shutdown
soon "they run" eval 'is_running web1 && is_running web2'
check_fails "what is down stays so" '' is_running idle
soon "stages are swept where that can be done" eval '! staged node1 && ! staged node2'
check "others' stay" test -d "$(exports_of node1)/.other.example.com.new-abcdef"
for name in web1 web2 idle; do
    soon "$name: it is told why not all is in order" eval "status_of $name | grep '^recovery: .*note was lost.*node3.*offline'"
done
check "what is published stays" eval '(cd "$(exports_of node1)/web2.example.com" && xxhsum -c --quiet XXH128SUMS)'
touch_export web1 node2
check_match "an export of it works" "$(status_of web1)" '^job_state: success'
check_match "and that does not forget it" "$(status_of web1)" '^recovery: .*node3.*offline'
unmount
mount_cluster shutdown
soon "nor does another mount" eval 'status_of web1 | grep "^recovery: .*node3.*offline"'
node_ini node3 'offline = False'
soon "the node is back: nothing is noted" eval '[ -z "$(ls "$C/state/journal")" ]'
check_fails "nothing is staged there" '' staged node3

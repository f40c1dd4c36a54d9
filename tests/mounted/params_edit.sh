#!/bin/bash
# params: read it, edit it, write it back; it outlives the mount and another mount sees it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
p=$(inst web1)/params
check_match "shows the opcode's defaults" "$(cat "$p")" '^shutdown_timeout = 120$'
check_match "shutdown is false without -o shutdown" "$(cat "$p")" '^shutdown = False$'
for name in target_node mode remove_instance ignore_remove_failures long_sleep compress \
    zero_free_space dry_run priority x509_key_name destination_x509_ca; do
    check_match "shows $name" "$(cat "$p")" "^$name = "
done
sed 's/^shutdown_timeout = .*/shutdown_timeout = 7/' "$p" >"$TMPDIR/edited"
check "cp of an edited copy" cp "$TMPDIR/edited" "$p"
check_match "kept" "$(cat "$p")" '^shutdown_timeout = 7$'
check "shell redirection" set_params web1 '# a comment' '' 'long_sleep = true' 'shutdown = True'
check_match "kept" "$(cat "$p")" '^long_sleep = True$'
check_match "what was not written is at its default" "$(cat "$p")" '^shutdown_timeout = 120$'
check "appending" sh -c "echo '# the end' >>'$p'"
check_match "keeps the rest" "$(cat "$p")" '^long_sleep = True$'
mount_cluster '' "$TMPDIR/mnt2"
soon "another mount sees it" grep -q '^long_sleep = True$' "$TMPDIR/mnt2/instances/web1.example.com/params"
unmount
mount_cluster 'shutdown'
check_match "it outlives the mount" "$(cat "$p")" '^long_sleep = True$'
check "reset by emptying" truncate -s 0 "$p"
check_match "the defaults are back" "$(cat "$p")" '^long_sleep = False$'
check_match "with -o shutdown the default is true" "$(cat "$p")" '^shutdown = True$'
check_eq "nothing ran" "$(runs)" 0

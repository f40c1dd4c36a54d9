#!/bin/bash
# Instance files that are wrong: each shows its error in status, the others are not disturbed.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance good
good=$(cat "$C/instances/good.example.com.ini")

# bad NAME WHAT-STATUS-SAYS SED-SCRIPT: a copy of the good one, edited.
declare -A says=()
bad()
{
    says[$1]=$2
    sed -e "s/^name = good/name = $1/" -e "$3" <<<"$good" >"$C/instances/$1.example.com.ini"
}

bad syntax 'line' 's/^nic_count.*/no equals sign/'
bad unclosed 'line' 's/^\[os\]/[os/'
bad twice 'maxmem' 's/^minmem.*/maxmem = 3/'
bad section 'hypervisor' 's/^\[os\]/[hypervisor]/'
bad interpolation '%' 's/^vcpus = .*/vcpus = %(x)s/'
bad unknown 'flavour' 's/^nic_count/flavour = x\nnic_count/'
bad missing 'primary_node' '/^primary_node/d'
bad nonode 'node7' 's/^primary_node.*/primary_node = node7.example.com/'
bad state 'admin_state' 's/^admin_state.*/admin_state = sideways/'
bad hypervisor 'hypervisor' 's/^hypervisor = .*/hypervisor = bochs/'
bad overflow 'disk0_size' 's/^disk0_path/disk0_size = 99999999999999999999\ndisk0_path/'
bad overflow2 'disk0_size' 's/^disk0_path/disk0_size = 18446744073709551615\ndisk0_path/'
bad negative 'disk0_size' 's/^disk0_path/disk0_size = -1\ndisk0_path/'
bad count 'disk_count|disk1' 's/^disk_count.*/disk_count = 2/'
bad many 'disk_count|disk16|16' 's/^disk_count.*/disk_count = 17/'
bad othername 'name' 's/^name = .*/name = someone.else/'
printf 'x\0y' >"$C/instances/nul.example.com.ini"
says[nul]='.'
: >"$C/instances/empty.example.com.ini"
says[empty]='.'
head -c 2000000 /dev/zero | tr '\0' '#' >"$C/instances/huge.example.com.ini"
says[huge]='.'
printf '%s\n' "$good" | sed 's/^name = good/name = crlf/; s/$/\r/' >"$C/instances/crlf.example.com.ini"
# Names that are not for a file name of the tree.
echo "$good" >"$C/instances/-rf.ini"
echo "$good" >"$C/instances/..hidden.ini"
echo "$good" >"$C/instances/bell"$'\a'".example.com.ini"
echo "$good" >"$C/instances/space name.ini"
ln -s /etc/shadow "$C/instances/link.example.com.ini"
mkdir "$C/instances/directory.example.com.ini"

mount_cluster ''
for i in "${!says[@]}"; do
    check_fails "$i: its image is an error" . timeout 10 cat "$(tar_of "$i")"
    check_match "$i: status tells" "$(status_of "$i")" "error: .*(${says[$i]})"
done
check "crlf line ends are accepted" cp "$(tar_of crlf)" "$TMPDIR/crlf.tar"
check "the good one works" cp "$(tar_of good)" "$TMPDIR/good.tar"
check "and is right" same_image good "$TMPDIR/good.tar"
check_no_match "no name that could do harm" "$(ls -b "$M/instances")" '^-rf|hidden|bell|space'
check_no_match "nothing of /etc/shadow anywhere" "$(cat "$M/instances/link.example.com/"* 2>/dev/null || true)" '^root:'
for at in instances images nodes; do
    check_fails "no such name: $at/.." 'No such file' stat "$M/$at/..%2f..%2fetc"
    check_fails "a long one" 'File name too long' stat "$M/$at/$(printf 'x%.0s' {1..300})"
done

#!/bin/bash
# params: what cannot be is refused by close with EINVAL, and the old text stays.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
set_params web1 'shutdown_timeout = 7'
old=$(cat "$(inst web1)/params")
export image_py

# refused WHAT TEXT
refused()
{
    export lines=$2 file
    file=$(inst web1)/params
    check_fails "$1" 'EINVAL\|Invalid argument' sh -c 'printf "%b" "$lines" | python3 "$image_py" write "$file"'
    check_eq "$1: the old text stays" "$(cat "$file")" "$old"
}

refused "unknown name" 'colour = red\n'
refused "wrong type: bool" 'shutdown = 3\n'
refused "wrong type: number" 'shutdown_timeout = long\n'
refused "negative timeout" 'shutdown_timeout = -1\n'
refused "bad mode" 'mode = sideways\n'
refused "bad priority" 'priority = 3\n'
refused "no value at all" 'shutdown\n'
refused "not a parameter of the file" 'instance_name = web2\n'
refused "a good and a bad line" 'shutdown_timeout = 9\nnonsense = 1\n'
refused "unclosed quote" 'comment = "abc\n'
refused "bytes that are no text" 'comment = a\0000b\n'
check_match "status says why" "$(set_params web1 'colour = red' 2>/dev/null || true; status_of web1)" 'colour'
check_fails "cp tells" 'Invalid argument' cp "$C/cluster.ini" "$(inst web1)/params"
check_eq "nothing ran" "$(runs)" 0

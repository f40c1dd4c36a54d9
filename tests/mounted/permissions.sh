#!/bin/bash
# Owner and modes; who is neither owner nor root reads no image, starts nothing, learns no secret.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --set os_private 'password = hunter2'
add_instance web2
mount_cluster ''
check_eq "owner, group and mode of an image" "$(stat -c '%u %g %a' "$(tar_of web1)")" '0 0 600'
check_eq "of a directory" "$(stat -c '%u %g %a' "$(inst web1)")" '0 0 500'
check_fails "without allow_other the tree is closed" 'denied' nobody ls "$M"
unmount

mount_cluster allow_other,umask=0022,max_age=0,linger=0
check_eq "umask" "$(stat -c %a "$(inst web1)" "$(inst web2)/status")" $'555\n444'
check "anybody may look" nobody ls -lR "$M"
check "and read a status" nobody cat "$(inst web1)/status"
check_fails "nobody else reads an image" 'denied\|not permitted' nobody head -c 1 "$(tar_of web1)"
check_fails "nor one without secrets" 'denied\|not permitted' nobody head -c 1 "$(tar_of web2)"
check_fails "nor a file of it" 'denied\|not permitted' nobody head -c 1 "$(inst web2)/export/disk0.raw"
check_fails "nobody else touches" 'denied\|not permitted' nobody touch "$(tar_of web1)"
check_fails "nor another node's" 'denied\|not permitted' nobody touch "$M/nodes/node2.example.com/images/web1.example.com.tar"
check_fails "nor writes params" 'denied\|not permitted' nobody sh -c "echo >'$(inst web1)/params'"
check_eq "nothing ran" "$(runs)" 0
check_fails "secrets: the instance's config.ini is the owner's" 'denied\|not permitted' nobody cat "$(inst web1)/config.ini"
check "without secrets it may be read" nobody cat "$(inst web2)/config.ini"
touch_export web1 node2
for f in "$M/nodes/node2.example.com/images/web1.example.com.tar" \
    "$M/nodes/node2.example.com/exports/web1.example.com/config.ini"; do
    check_fails "secrets: ${f#"$M"/}" 'denied\|not permitted' nobody head -c 1 "$f"
done
check_no_match "secrets: not in log, status, metrics" \
    "$(cat "$(inst web1)/log" "$(inst web1)/status" "$(inst web1)/params" "$M/status" "$M/metrics")" hunter2
check_eq "the export on its node" "$(stat -c '%a' "$(exports_of node2)/web1.example.com" \
    "$(exports_of node2)/web1.example.com/disk0.raw" "$(exports_of node2)/web1.example.com/config.ini")" $'700\n600\n600'
unmount

mount_cluster allow_other,uid=65534,gid=65534,umask=0077
check_eq "uid= and gid=" "$(stat -c '%u %g %a' "$(tar_of web2)" "$(inst web2)")" $'65534 65534 600\n65534 65534 500'
check "the owner reads" nobody cp "$(tar_of web2)" /dev/null
check "the owner touches" nobody touch "$(tar_of web2)"
check "root as well" cp "$(tar_of web2)" /dev/null

#!/bin/bash
# The tree shows the cluster as it is: instances, nodes and their roles, parameters, config.ini.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1 two1 run1 bare1
mount_cluster
wait_until 30 seen 1 2 3 4 || true
listed() { (cd "$1" && ls); }
check_eq "instances" "$(listed "$M/instances")" "$(gnt gnt-instance list --no-headers -o name | tr -d ' ' | sort)"
check_eq "images" "$(listed "$M/images")" "$(listed "$M/instances" | sed 's/$/.tar/')"
check_eq "nodes" "$(listed "$M/nodes")" "$(for n in 1 2 3 4; do node_name $n; done)"
check_match "status: the cluster" "$(cat "$M/status")" "^cluster: $(dom cluster)$"
check_match "status: its master" "$(cat "$M/status")" "^master_node: $(node_name 1)$"
for n in 1 2 3 4; do check_match "node$n is online" "$(cat "$(node_at $n)/status")" '^state: online'; done
check_match "a running instance" "$(status_of run1)" '^state: up$'
check_no_match "is not said to be down" "$(status_of run1)" '^running: no$'
check_match "a stopped one" "$(status_of rest1)" '^state: down$'
check_no_match "is not said to run" "$(status_of rest1)" '^running: yes$'
check_match "its primary node" "$(status_of two1)" "^primary_node: $(node_name 3)$"
check_match "its disks" "$(status_of two1)" '^disks: 2$'
check_match "their bytes" "$(status_of two1)" '^bytes: 12582912$'
for name in two1 bare1; do
    check "config.ini of $name can be read strictly" python3 "$image_py" config "$(inst $name)/config.ini" \
        instance name "$(dom $name)" instance disk_template file instance hypervisor fake \
        backend vcpus 1 instance nic0_mac "$(gnt gnt-instance list --no-headers -o nic.mac/0 "$(dom $name)" | tr -d ' ')"
done
check "the disks' names are in it" python3 "$image_py" config "$(inst two1)/config.ini" \
    instance disk_count 2 instance disk0_size 8 instance disk0_name root instance disk1_size 4 instance disk1_name data
check_eq "the directory form" "$(listed "$(inst two1)/export")" "$(printf '%s\n' XXH128SUMS config.ini disk0.raw disk1.raw)"
check_eq "disks have their sizes" "$(stat -c %s "$(inst two1)"/export/disk{0,1}.raw | xargs)" '8388608 4194304'
check_eq "a short name leads there" "$(readlink "$M/instances/two1")" "$(dom two1)"
check_eq "also that of an image" "$(readlink "$M/images/two1.tar")" "$(dom two1).tar"
check_fails "there is no other" 'No such file' ls "$M/instances/two9"
gnt gnt-node modify -D yes node4 >/dev/null
at_end gnt gnt-node modify -D no node4
soon "a drained node shows as such" node_is 4 drained
gnt gnt-node modify -D no node4 >/dev/null
soon "and online again" node_is 4 online

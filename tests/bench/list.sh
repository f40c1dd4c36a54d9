#!/bin/bash
# timeout: 3600
# find and ls -lR of a cluster of 10,000 instances and 32 nodes, each instance exported once; of the
# same names and sizes on ext4; all hot.  Mounting it; the daemon's memory; how soon a change of one
# ini file is seen, and what looking for it costs.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
INSTANCES=${INSTANCES:-10000} NODES=${NODES:-32}
make_cluster
add_instance template --disk 4096:empty
mount_cluster max_age=100000,target_node=node1
export_now template node1
unmount
python3 "$(dirname "$0")/big_cluster.py" "$C" template.example.com "$INSTANCES" "$NODES"

seconds() { date +%s.%N; }
for ((round = 0; round < ROUNDS; round++)); do
    begin=$(seconds)
    "$GNT" -o max_age=100000,target_node=node1 "$C" "$M"
    sample mount "$(awk "BEGIN { print $(seconds) - $begin }")"
    [ "$(ls "$M/images" | wc -l)" = $((INSTANCES + 1)) ] || fail "all are listed"
    umount "$M"
    wait_until 30 eval "! pgrep -f '$GNT.*$M' >/dev/null"
done

mount_cluster max_age=100000,target_node=node1
mkdir "$TMPDIR/ext4"
python3 "$(dirname "$0")/big_cluster.py" mirror "$M" "$TMPDIR/ext4"
check_eq "the exports are on the nodes" "$(ls -d "$M"/nodes/*/exports/*/ | wc -l)" $((INSTANCES + 1))
find_ours() { find "$M" >/dev/null; }
find_ext4() { find "$TMPDIR/ext4" >/dev/null; }
find_example() { find "$TMPDIR/example" >/dev/null; }
ls_ours() { ls -lR "$M" >/dev/null; }
ls_ext4() { ls -lR "$TMPDIR/ext4" >/dev/null; }
one_find_ours() { on_one "${daemons[$M]}" find "$M" >/dev/null; }
one_find_ext4() { on_one "${daemons[$M]}" find "$TMPDIR/ext4" >/dev/null; }
one_ls_ours() { on_one "${daemons[$M]}" ls -lR "$M" >/dev/null; }
one_ls_ext4() { on_one "${daemons[$M]}" ls -lR "$TMPDIR/ext4" >/dev/null; }
# Not passthrough_ll: that keeps a descriptor for each name.
example_fs passthrough "modules=subdir,subdir=$TMPDIR/ext4" "$TMPDIR/example"
for command in find_{ours,ext4,example} ls_{ours,ext4}; do $command; done
in_rounds {,one_}{find,ls}_{ours,ext4} find_example
end_example
sample memory "$(memory VmRSS)"

# Seen in the instance's own config.ini, whose size changes with the number of processors; the cost
# is that of a daemon which nobody asks anything.
ini=$C/instances/vm00007.example.com.ini
for ((round = 0; round < ROUNDS; round++)); do
    sleep 1
    sed "s/^vcpus = .*/vcpus = $((round + 3))/" "$ini" >"$ini.new"
    begin=$(seconds)
    mv "$ini.new" "$ini"
    until grep -q "^vcpus = $((round + 3))$" "$M/instances/vm00007.example.com/config.ini"; do sleep 0.02; done
    sample change "$(awk "BEGIN { print $(seconds) - $begin }")"
    before=$(daemon_cpu)
    sleep 10
    sample idle_cpu "$(awk "BEGIN { print ($(daemon_cpu) - $before) * 10 }")"
done
compare 'find' time find_ours find_ext4 '<= 3'
compare 'ls -lR' time ls_ours ls_ext4 '<= 3'
compare 'find, on one processor' time one_find_ours one_find_ext4 ''
compare 'ls -lR, on one processor' time one_ls_ours one_ls_ext4 ''
compare 'find, through passthrough' time find_ours find_example ''
compare 'mounting it' value mount seconds '<= 2'
compare 'memory, all listed' value memory MiB '<= 64'
compare 'a change is seen' value change seconds '<= 1'
compare 'looking for changes' value idle_cpu '% of a core' '<= 1'

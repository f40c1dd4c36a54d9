#!/bin/bash
# Hooks that fork away with their output still open, print megabytes, or kill their process group,
# are what they are; the export goes on or fails by their exit status, and the mount stays.
# timeout: 120
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for name in away flood group stops deaf; do add_instance $name --disk 100000; done
mount_cluster stall=15
only() # NAME SCRIPT: a pre hook that does it for this instance
{
    add_hook node1 pre "60-$1" "[ \"\$GANETI_INSTANCE_NAME\" = $1.example.com ] || exit 0
$2"
}
only away '(trap "" HUP; setsid sleep 4711) &
echo $! >'"$TMPDIR"'/away
echo forked'
only flood 'head -c 5000000 /dev/zero | tr "\\0" x; echo; seq 100000; echo the end'
only group 'kill -KILL 0'
only stops 'kill -STOP 0'
only deaf 'trap "" TERM HUP INT; while :; do sleep 4712; done'

check "one that forks away is not waited for" eval 'timeout 14 cat "$(tar_of away)" >/dev/null'
check_match "what it printed is logged" "$(cat "$(inst away)/log")" '60-away on .*: forked'
check "its child goes on" kill -0 "$(cat "$TMPDIR/away")"
kill -KILL "$(cat "$TMPDIR/away")" || true

rss() { awk '/^VmHWM:/ { print $2 }' "/proc/${daemons[$M]}/status"; }
before=$(rss)
check "one that prints megabytes succeeds" eval "timeout 60 cat \"\$(tar_of flood)\" >/dev/null"
check "the log stays small" [ "$(stat -c %s "$(inst flood)/log")" -lt 200000 ]
check "so does memory ($before to $(rss) KiB)" [ $(($(rss) - before)) -lt 20000 ]

check_fails "one that kills its group has failed" 'not permitted' timeout 40 cat "$(tar_of group)"
check_match "status tells" "$(status_of group)" '^error: .*60-group.*killed by signal 9'
touch "$(tar_of stops)" "$(tar_of deaf)"
check "nobody else waits" timeout 10 ls -lR "$M"
check "one that stops itself, and one that hears no signal, are killed" wait_until 60 idle
for name in stops deaf; do check_match "$name: status tells" "$(status_of $name)" "^error: .*60-$name.*no output and no end for 15 s"; done
check "none of them is left" eval '! pgrep -f "instance-export-pre.d|sleep 471"'
check "nothing staged" no_leftovers
check_no_match "no lock is held" "$(cat "$M/status")" '^lock:'
rm "$(node_dir node1)"/hooks/instance-export-pre.d/60-*
for name in group stops deaf; do check "$name: with better hooks it is exported" touch_export $name; done
check "all is there" eval 'for name in group stops deaf; do ls "$C"/nodes/*/export/$name.example.com/config.ini; done'

#!/bin/bash
# Ctrl-C of a waiting cp returns at once; a run that no one waits for any more is rolled back.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 5M:dense
add_gate
mount_cluster ''
python3 - "$(tar_of web1)" "$TMPDIR/x.tar" <<'END' &
import signal, subprocess, sys, time
p = subprocess.Popen(["cp", sys.argv[1], sys.argv[2]], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
open(sys.argv[2] + ".pid", "w").write(str(p.pid))
sys.exit(0 if p.wait() == -signal.SIGINT else 1)
END
waiter=$!
check "the run waits at the gate" wait_until 20 gate_reached
sleep 1
kill -INT "$(cat "$TMPDIR/x.tar.pid")"
check "cp is gone within seconds" wait_until 5 eval "! kill -0 $waiter"
check_wait "by the signal" $waiter
soon "the run is over" idle
check_match "status tells" "$(status_of web1)" 'cancel|interrupt'
check_eq "no export" "$(ls -d "$C"/nodes/*/export/web1* 2>/dev/null || true)" ''
check "no stage" no_leftovers
soon "no hook runs on" eval "! pgrep -f 50-gate"
touch "$(tar_of web1)"
open_gate
soon "a touch works afterwards" test -d "$(exports_of node2)/web1.example.com" -o -d "$(exports_of node3)/web1.example.com"

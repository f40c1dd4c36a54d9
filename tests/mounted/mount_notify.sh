#!/bin/bash
# With -f readiness is told over $NOTIFY_SOCKET, as a systemd unit of Type=notify expects it.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
mkdir "$M"
cat >"$TMPDIR/listen.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(30)
while b"READY=1" not in s.recv(4096):
    pass
print("ready")
END
python3 "$TMPDIR/listen.py" "$TMPDIR/notify" >"$TMPDIR/heard" &
listener=$!
check "the listener is there" wait_until 10 test -S "$TMPDIR/notify"
NOTIFY_SOCKET=$TMPDIR/notify mount_cluster ''
check_wait "READY=1 came" $listener
check_eq "once" "$(cat "$TMPDIR/heard")" ready
check "it was true" ls "$M/instances"

#!/bin/bash
# A published export is never missing and never half, while it is replaced twenty times.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 600000:dense --disk 300000
mount_cluster ''
touch_export web1 node2
e=$(exports_of node2)/web1.example.com
python3 - "$e" "$M/nodes/node2.example.com/exports/web1.example.com" "$TMPDIR/stop" <<'END' &
import os, sys
real, shown, stop = sys.argv[1:]
wanted = ["XXH128SUMS", "config.ini", "disk0.raw", "disk1.raw"]
rounds, wrong = 0, []
while not os.path.exists(stop):
    rounds += 1
    for top in (real, shown):
        try:
            names = sorted(os.listdir(top))
            if names != wanted:
                wrong.append((top, names))
            d = os.open(top, os.O_DIRECTORY)
            os.close(d)
        except OSError as e:
            wrong.append(str(e))
    # A directory that was opened is one whole export, also when a newer one has taken its name.
    try:
        if os.stat(real + "/disk0.raw").st_size != 600000:
            wrong.append("half a disk0")
    except OSError as e:
        wrong.append(str(e))
print(rounds, "rounds", wrong[:5])
sys.exit(1 if wrong else 0)
END
watcher=$!
for i in $(seq 20); do
    touch "$(tar_of web1)"
    wait_until 20 eval '[ "$(runs)" = '$((i + 1))' ]' && wait_until 20 idle
done
touch "$TMPDIR/stop"
check_wait "whole at every look" $watcher
check_eq "it was replaced twenty times" "$(runs)" 21
check "the last one is right" same_directory web1 "$e"
check "nothing is left of the others" eval "[ \"\$(ls -A '$(exports_of node2)')\" = web1.example.com ]"

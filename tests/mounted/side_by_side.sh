#!/bin/bash
# Exports of different instances run side by side, at most max_jobs at once, further ones queue.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
for i in 1 2 3; do add_instance web$i; done
add_hook node1 pre 60-held "echo \$GANETI_INSTANCE_NAME >>$TMPDIR/held
while [ ! -e $TMPDIR/gate.open ]; do sleep 0.1; done"
mount_cluster max_jobs=2
for i in 1 2 3; do touch "$(tar_of web$i)"; done
check "two are at work at once" wait_until 20 eval '[ "$(wc -l <$TMPDIR/held)" = 2 ]'
sleep 1
check_eq "not more" "$(wc -l <"$TMPDIR/held")" 2
check_match "the third is queued" "$(cat "$M"/instances/*/status)" '^job_state: queued'
open_gate
soon "then it has its turn" eval '[ "$(wc -l <$TMPDIR/held)" = 3 ]'
for i in 1 2 3; do
    check "web$i: cp" cp "$(tar_of web$i)" "$TMPDIR/web$i.tar"
    check "web$i: right" same_image web$i "$TMPDIR/web$i.tar"
done
check_eq "one run each" "$(runs)" 3

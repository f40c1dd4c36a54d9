#!/bin/bash
# timeout: 1200
# A fresh export of a dense disk of 2 GiB and cp of its tar out of the mount, all on one ext4; the
# same by hand: cp to the node, xxh128sum of that, cp out.  By hand nothing is durable.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
dense_cluster $((2 << 30)) max_age=0,linger=0
byhand=$(exports_of node3)/copy
out=$C/out

before_pull() { wait_until 60 idle && rm -f "$out" "$byhand" && change_disk web1 && settled && cold "$disk"; }
before_by_hand() { wait_until 60 idle && rm -f "$out" "$byhand" && settled && cold "$disk"; }
before_by_hand_durable() { before_by_hand; }
pull() { cp "$(tar_of web1)" "$out"; }
by_hand() { cp --sparse=always "$disk" "$byhand" && xxh128sum "$byhand" >/dev/null && cp "$byhand" "$out"; }
by_hand_durable() { by_hand && sync -f "$out"; }

pull
in_rounds pull by_hand by_hand_durable
check "each pull was an export" test "$(runs)" = $((ROUNDS + 1))
before_pull && pull
check "what was pulled is right" same_image web1 "$out"
compare 'a tar' time pull by_hand '<= 0.9'
compare 'by hand, then sync -f' time pull by_hand_durable ''

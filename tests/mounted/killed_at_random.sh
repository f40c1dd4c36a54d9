#!/bin/bash
# timeout: 400
# A mount is killed at a random moment, also in recovery; whoever comes next, or lives, puts all in
# order.  SEED=N replays, ROUNDS=N makes it longer.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/kills.sh"
make_kills_cluster
kills random "${ROUNDS:-50}"

#!/bin/bash
# timeout: 400
# A mount is killed in every state of the journal's diagram, five times in each.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/kills.sh"
make_kills_cluster
kills states "${ROUNDS:-5}"

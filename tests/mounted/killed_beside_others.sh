#!/bin/bash
# timeout: 300
# Three mounts of one cluster export, and files of instances are edited; one mount is killed: the
# others' exports end well, and they put in order what it has left.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/kills.sh"
make_kills_cluster
kills mounts "${ROUNDS:-40}"

#!/bin/bash
# timeout: 150
# tar takes the cluster four times, by its recipe: all; nothing, while all is fresh; what runs or has
# changed; nothing again, through a new mount.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/tools.sh"
mkdir "$TMPDIR/repository"
restored() { echo "$2/instances/$1.example.com/export"; }
keeps_holes() { true; }
four_runs tar "$TMPDIR/repository"

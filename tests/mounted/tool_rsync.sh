#!/bin/bash
# timeout: 150
# rsync takes the cluster four times, by its recipe: all; nothing, while all is fresh; what runs or has
# changed; nothing again, through a new mount.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/tools.sh"
restored() { echo "$2/$1.example.com/export"; }
keeps_holes() { true; }
four_runs rsync "$TMPDIR/repository"

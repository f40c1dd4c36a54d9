#!/bin/bash
# timeout: 150
# restic takes the cluster four times, by its recipe: all; nothing, while all is fresh; what runs or has
# changed; nothing again, through a new mount.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/tools.sh"
export RESTIC_PASSWORD=secret RESTIC_CACHE_DIR=$TMPDIR/cache
restored() { echo "$2/instances/$1.example.com/export"; }
keeps_holes() { false; } # from 0.15 on some: whole blocks of zeros
four_runs restic "$TMPDIR/repository"

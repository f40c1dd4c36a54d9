#!/bin/bash
# timeout: 150
# rclone takes the cluster four times, by its recipe: all; nothing, while all is fresh; what runs or has
# changed; nothing again, through a new mount.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/tools.sh"
export RCLONE_CONFIG=$TMPDIR/rclone.conf XDG_CACHE_HOME=$TMPDIR
restored() { echo "$2/$1.example.com"; }
keeps_holes() { false; }
times_read=2 # it compares hashes first
four_runs rclone "$TMPDIR/repository"

#!/bin/bash
# timeout: 150
# borg takes the cluster four times, by its recipe: all; nothing, while all is fresh; what runs or has
# changed; nothing again, through a new mount.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/tools.sh"
export BORG_BASE_DIR=$TMPDIR BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
restored() { echo "$2/instances/$1.example.com/export"; }
keeps_holes() { true; }
four_runs borg "$TMPDIR/repository"

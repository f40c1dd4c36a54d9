#!/bin/bash
# timeout: 120
# Walks that found something once: SEED and how many steps it took.
#   14447  a disk that grew when its export was stale already
SEED=14447 STEPS=60 exec "$(dirname "$0")/random_walk.sh"

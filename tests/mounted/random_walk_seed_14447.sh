#!/bin/bash
# timeout: 120
# A walk that found something once: a disk that grew when its export was stale already.
SEED=14447 STEPS=60 exec "$(dirname "$0")/random_walk.sh"

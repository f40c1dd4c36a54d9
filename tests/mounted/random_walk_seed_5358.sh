#!/bin/bash
# timeout: 120
# A walk that found something once: a disk that grew while its export was fresh; when that was stale
# one of two mounts took back the T that both had just promised.
SEED=5358 STEPS=95 exec "$(dirname "$0")/random_walk.sh"

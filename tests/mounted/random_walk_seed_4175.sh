#!/bin/bash
# timeout: 120
# A walk that found something once: readers of a run that failed, when the export before it had been read.
SEED=4175 STEPS=130 exec "$(dirname "$0")/random_walk.sh"

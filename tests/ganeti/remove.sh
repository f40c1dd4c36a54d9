#!/bin/bash
# timeout: 120
# With -o manage a copy on a node is removed by rm; without, nothing is.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest1
need_export rest1 3
mount_cluster max_age=100000
soon "the export is there" ls "$(node_export rest1 3)/config.ini"
check_fails "rm is not permitted" 'not permitted' rm -r "$(node_export rest1 3)"
check_fails "nor of the archive" 'not permitted' rm "$(node_tar rest1 3)"
check_eq "it is there still" "$(exported_to rest1)" 3
unmount
mount_cluster max_age=100000,manage
# a second one, as a Ganeti that did not reach its node would leave it
cp -a "$(export_on rest1 3)" "$(exports_of 1)/"
soon "two copies are seen" eval 'ls "$(node_export rest1 3)" "$(node_export rest1 1)"'
check "one of them is removed" rm -r "$(node_export rest1 1)"
gone() { [ ! -e "$(export_on rest1 "$1")" ]; }
check "it goes" wait_until 30 gone 1
check_eq "the other is there" "$(exported_to rest1)" 3
check "and can be read" same_disk rest1 0 "$(echo "$(node_export rest1 3)"/*-*)"
check "the last one is removed" rm "$(node_tar rest1 3)"
check "it goes" wait_until 60 gone 3
soon "it is not shown any more" eval '[ ! -e "$(node_export rest1 3)" ]'
check_eq "nothing is left behind" "$(ls -A "$(exports_of 1)" "$(exports_of 3)" | grep -c "^\.$(dom rest1)")" 0

#!/bin/bash
# NAME.new is an export that runs or one that is left over, never an export; other things that lie
# there are shown below nodes/ at most.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest3
no_exports rest3
mkdir -p "$(export_on rest3 2).new" "$(exports_of 2)/not an export" "$(exports_of 2)/.hidden"
head -c 100000 /dev/zero >"$(export_on rest3 2).new/0f2e3f60-1b0f-4f3a-9a6e-1d3c2d5a8c11"
at_end 'rm -rf "$(export_on rest3 2)".new "$(exports_of 2)"/{not*,.hidden}'
mount_cluster max_age=3600
check "the nodes are seen" wait_until 30 seen 1 2 3 4
check_match "it has no export" "$(status_of rest3)" '^export: none'
check_no_match "nor has the node" "$(ls "$(node_at 2)/exports" "$(node_at 2)/images")" 'rest3'
check_match "but something left over" "$(cat "$(node_at 2)/status" "$(inst rest3)/status")" "$(dom rest3)\.new|left.?over"
check "the mount is well" ls -lR "$M/nodes"

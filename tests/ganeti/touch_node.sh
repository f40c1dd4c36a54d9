#!/bin/bash
# timeout: 90
# touch exports now, fresh or not, to the node that it names; older copies go; log tells of it.
. "$(dirname "$0")/../lib/ganeti.sh"
need rest2
need_export rest2 4
mount_cluster max_age=100000
check "the export is seen" wait_until 30 test -e "$(node_export rest2 4)/config.ini"
before=$(njobs rest2)
check "touch" touch "$(node_tar rest2 1)"
soon "there is a job" has_job rest2 "$before"
check "that ends" wait_until 60 idle
check_eq "the export lies there, and nowhere else" "$(exported_to rest2)" 1
soon "as the mount sees it" grep -q "^node: $(node_name 1)" "$(inst rest2)/status"
check_match "log" "$(cat "$(inst rest2)/log")" "Exporting disk/0 from $(node_name 2) to $(node_name 1)"
check_match "status" "$(status_of rest2)" '^trigger: touch'
check "it is read" same_disk rest2 0 "$(inst rest2)/export/disk0.raw"
check_eq "one job" "$(njobs rest2)" "$((before + 1))"
check_fails "an instance that is none" 'No such file' touch "$(node_at 1)/images/$(dom rest9).tar"

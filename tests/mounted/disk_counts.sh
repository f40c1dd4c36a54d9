#!/bin/bash
# From no disk to sixteen.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance none --no-disks
many=()
for j in {0..15}; do many+=(--disk $((j * 4099 + 1)):dense); done
add_instance many "${many[@]}"
mount_cluster ''
check_eq "no disk: config.ini and the sums" "$(ls "$(inst none)/export")" $'XXH128SUMS\nconfig.ini'
check "no disk: cp" cp "$(tar_of none)" "$TMPDIR/none.tar"
check "no disk: right" same_image none "$TMPDIR/none.tar"
check_eq "sixteen disks" "$(ls "$(inst many)/export" | grep -c disk)" 16
check "sixteen: cp" cp "$(tar_of many)" "$TMPDIR/many.tar"
check "sixteen: right" same_image many "$TMPDIR/many.tar"
check "sixteen: the directory" same_directory many "$(inst many)/export"

#!/bin/bash
# timeout: 120
# A stopped instance is pulled to the bit: as an archive, as a directory, and as it lies on its node;
# by one job, and under the identity that was promised.
. "$(dirname "$0")/../lib/ganeti.sh"
need two1
no_exports two1
mount_cluster max_age=3600
before=$(njobs two1)
files="$(tar_of two1) $(inst two1)/export/config.ini $(inst two1)/export/disk1.raw"
promised=$(stat -c '%i %s %Y %Z' $files)
check "the archive: cp" cp "$(tar_of two1)" "$TMPDIR/two1.tar"
check "right to the bit" same_image two1 "$TMPDIR/two1.tar"
check_eq "size, times and inode as promised" "$(stat -c '%i %s %Y %Z' $files)" "$promised"
soon "nothing runs any more" idle
check "the directory: cp -r" cp -r "$(inst two1)/export" "$TMPDIR/two1"
check "right to the bit" same_directory two1 "$TMPDIR/two1"
check "xxhsum -c finds all of it right" eval 'cd "$TMPDIR/two1" && xxhsum -c XXH128SUMS'
check_eq "one job in all" "$(njobs two1)" "$((before + 1))"
check_match "the log is the job's" "$(cat "$(inst two1)/log")" 'finished sending data'
check_match "status: done" "$(status_of two1)" '^job_state: (done|success|published)'
n=$(exported_to two1)
check "status names the node" grep -q "^node: $(node_name "$n")" "$(inst two1)/status"
soon "it shows on its node" test -e "$(node_export two1 "$n")/config.ini"
check_eq "the dumps are named as they lie there" "$(ls "$(node_export two1 "$n")")" \
    "$( (cd "$(export_on two1 "$n")" && ls; [ ! -e "$(node_export two1 "$n")/XXH128SUMS" ] || echo XXH128SUMS) | sort -u)"
for dump in "$(export_on two1 "$n")"/*-*; do
    check "and are the same" cmp "$dump" "$(node_export two1 "$n")/${dump##*/}"
done
check "the node's archive" cp "$(node_tar two1 "$n")" "$TMPDIR/node.tar"
check "has the same disks" eval 'tar_disks "$TMPDIR/node.tar" | cmp - <(cat "$TMPDIR"/two1/disk{0,1}.raw)'

#!/bin/bash
# timeout: 120
# Archives of other makers: compressed, ustar, GNU, pax and sparse ones; dumps with the names that
# Ganeti gives them.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 5M:hole-middle --disk 1234567:dense
mount_cluster ''
pull web1
cd "$TMPDIR/pulled"
to=2
written()
{
    local what=$1
    shift
    to=$((to % 3 + 1))
    check "$what" eval "$* | dd of='$(node_tar web1 $to)' bs=1M iflag=fullblock status=none"
    check "$what: the same export" published web1 $to "$TMPDIR/web1.tar"
}
written gzip "gzip -1 <'$TMPDIR/web1.tar'"
written zstd "zstd -q <'$TMPDIR/web1.tar'"
written xz "xz -0 <'$TMPDIR/web1.tar'"
for format in ustar gnu pax; do written "GNU tar, $format" "tar -H $format -cf - web1.example.com"; done
written "GNU tar, sparse" "tar -Scf - web1.example.com"
written "GNU tar, sparse, pax" "tar -H pax -Scf - web1.example.com"
for format in ustar gnutar pax; do written "bsdtar, $format" "bsdtar --format $format -cf - web1.example.com"; done
written "without a top directory" "tar -C web1.example.com -cf - ."
written "compressed by tar" "tar -czf - web1.example.com"

# As Ganeti 2.16 and later name dumps, without our checksums; and an OS script's dump, any length.
mkdir ganeti
cp web1.example.com/config.ini ganeti/
cp web1.example.com/disk0.raw ganeti/4b3e4b6c-6b1c-4f3f-9d0e-111111111111
: >ganeti/22222222-0d0d-4f3f-9d0e-111111111111.snap
sed -i 's/^disk0_dump = .*/disk0_dump = 4b3e4b6c-6b1c-4f3f-9d0e-111111111111/; s/^disk1_dump = .*/disk1_dump = 22222222-0d0d-4f3f-9d0e-111111111111.snap/' ganeti/config.ini
check "Ganeti's names" eval 'tar -cf - ganeti | dd of="$(node_tar web1 1)" bs=1M iflag=fullblock status=none'
soon "are published" test -e "$(exports_of node1)/web1.example.com/22222222-0d0d-4f3f-9d0e-111111111111.snap"
check "config.ini as it was" cmp ganeti/config.ini "$(exports_of node1)/web1.example.com/config.ini"
check "disk0" cmp web1.example.com/disk0.raw "$(exports_of node1)/web1.example.com/4b3e4b6c-6b1c-4f3f-9d0e-111111111111"
check "an empty dump" test ! -s "$(exports_of node1)/web1.example.com/22222222-0d0d-4f3f-9d0e-111111111111.snap"
soon "checksums were made" eval '(cd "$(exports_of node1)/web1.example.com" && xxhsum -c --quiet XXH128SUMS)'
check "nothing is staged" nothing_staged

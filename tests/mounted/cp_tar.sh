#!/bin/bash
# cp of images/NAME.tar: the whole machine, read by three independent readers.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 5M:hole-middle --disk 1234567:dense --set os_private 'password = hunter2' \
    --set hypervisor 'kernel_args = ro 100%% sure' --set os 'Mixed_Case = Value'
mount_cluster ''
size=$(stat -c %s "$(tar_of web1)")
check "cp" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check_eq "the size was promised" "$(stat -c %s "$TMPDIR/web1.tar")" "$size"
check "GNU tar, tarfile, cmp, xxhsum" same_image web1 "$TMPDIR/web1.tar"
check_eq "GNU tar says nothing" "$(tar -tf "$TMPDIR/web1.tar" 2>&1)" \
    "$(printf 'web1.example.com/%s\n' config.ini disk0.raw disk1.raw XXH128SUMS)"
check_eq "bsdtar lists the same" "$(bsdtar -tf "$TMPDIR/web1.tar" 2>&1)" "$(tar -tf "$TMPDIR/web1.tar")"
mkdir "$TMPDIR/bsd"
check "bsdtar extracts" bsdtar -xf "$TMPDIR/web1.tar" -C "$TMPDIR/bsd"
check "what bsdtar extracted" same_directory web1 "$TMPDIR/bsd/web1.example.com"
check "config.ini keeps what is hard to keep" python3 "$image_py" config \
    "$TMPDIR/bsd/web1.example.com/config.ini" hypervisor kernel_args 'ro 100% sure' \
    os mixed_case Value os_private password hunter2 instance disk0_dump disk0.raw \
    instance disk_count 2 instance disk1_size 2
cp "$(tar_of web1)" "$TMPDIR/again.tar"
check "the same export is the same bytes" cmp "$TMPDIR/web1.tar" "$TMPDIR/again.tar"
soon "it is published" idle
check_eq "one run of the LU" "$(runs)" 1
check "tar -x straight from the mount" tar -xf "$(tar_of web1)" -C "$TMPDIR"
check "what came of it" same_directory web1 "$TMPDIR/web1.example.com"
check "the node's copy is the same file" cmp "$TMPDIR/web1.tar" "$M"/nodes/*/images/web1.example.com.tar
check "nothing staged is left" no_leftovers

#!/bin/bash
# timeout: 60
# The disks of a stopped instance are of one moment: a write to the first while the second is copied
# fails the export, though the first was copied undisturbed.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/hold.sh"
make_cluster
make_fs ext4 200M "$TMPDIR/ext4"
mkdir "$TMPDIR/ext4/export"
node_ini node2 "export_dir = $TMPDIR/ext4/export"
add_instance web1 --disk 1M:dense --disk 40M:dense --disk 1M:dense
mount_cluster target_node=node2.example.com,retry_after=0
touch_export web1
soon "there is an export" idle
export=$TMPDIR/ext4/export/web1.example.com
old=$(cat "$export/XXH128SUMS")

for disk in 0 1; do
    hold_copy_of web1 1
    touch "$(tar_of web1)"
    soon "disk$disk: the second is being copied" eval 'status_of web1 | grep -q "^phase: copying disk/1"'
    cp -r "$(inst web1)/export" "$TMPDIR/pulled" 2>"$TMPDIR/error" & reader=$!
    soon "disk$disk: somebody follows" eval 'status_of web1 | grep -q "^readers: 1"'
    printf xyz | dd of="$(disk_of web1 $disk)" bs=1 conv=notrunc status=none
    release
    if wait $reader; then fail "disk$disk: cp -r took it with success"; else pass "disk$disk: cp -r fails"; fi
    soon "disk$disk: the run is over" idle
    check_match "disk$disk: status says why" "$(status_of web1)" "error: .*disk$disk was written to while it was copied"
    check_eq "disk$disk: what lay there is as it was" "$(cat "$export/XXH128SUMS")" "$old"
    rm -rf "$TMPDIR/pulled"
done
touch_export web1
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "undisturbed it works" same_image web1 "$TMPDIR/web1.tar"

#!/bin/bash
# timeout: 1200
# cluster: ganeti
# A published dump of 1 GiB, hot in the node's page cache, read sequentially through the mount; the
# same file by scp and through sshfs.  All write to the same file in memory.
. "$(dirname "$0")/../lib/ganeti.sh"
. "$(dirname "$0")/lib.sh"
need bench1
need_export bench1 3
mount_cluster max_age=100000
check "the export is seen" wait_until 30 test -e "$(node_export bench1 3)/config.ini"
on_tmpfs
dump=$(echo "$(export_on bench1 3)"/*-*)
ours=$(node_export bench1 3)/${dump##*/}
theirs=root@$(node_ip 3):/var/lib/ganeti/export/$(dom bench1)/${dump##*/}
options=(-o "IdentityFile=$GNT_ROOT/ssh/id_ed25519" -o "UserKnownHostsFile=$GNT_ROOT/known_hosts"
    -o "HostKeyAlias=cluster.$GNT_DOMAIN" -o StrictHostKeyChecking=yes -o BatchMode=yes)
fast=aes128-gcm@openssh.com # what the mount asks ssh for

hot() { rm -f "$OUT"/*; cat "$dump" >/dev/null; }
copy() { dd if="$1" of="$OUT/dump" bs="$2" status=none; }
mount_sshfs() # [OPTION...]: anew, for it keeps what was read
{
    ! mountpoint -q "$TMPDIR/sshfs" || umount "$TMPDIR/sshfs"
    mkdir -p "$TMPDIR/sshfs"
    inside sshfs -F /dev/null "${options[@]}" "$@" "${theirs%/*}" "$TMPDIR/sshfs"
    hot
}

before_mount_1M() { hot; }
before_mount_128k() { hot; }
before_scp() { hot; }
before_scp_fast() { hot; }
before_sshfs_1M() { mount_sshfs; }
before_sshfs_128k() { mount_sshfs; }
before_sshfs_fast() { mount_sshfs -o "Ciphers=^$fast"; }
mount_1M() { copy "$ours" 1M; }
mount_128k() { copy "$ours" 128k; }
scp() { inside scp -q -F none "${options[@]}" "$theirs" "$OUT/dump"; }
scp_fast() { inside scp -q -F none "${options[@]}" -c $fast "$theirs" "$OUT/dump"; }
sshfs_1M() { copy "$TMPDIR/sshfs/${dump##*/}" 1M; }
sshfs_128k() { copy "$TMPDIR/sshfs/${dump##*/}" 128k; }
sshfs_fast() { sshfs_1M; }

in_rounds mount_1M scp sshfs_1M mount_128k scp_fast sshfs_128k sshfs_fast
before_mount_1M && mount_1M
check "what was read is right" cmp "$dump" "$OUT/dump"
umount "$TMPDIR/sshfs"
compare '1 MiB reads' speed mount_1M scp,sshfs_1M '>= 0.9'
compare '128 KiB reads' speed mount_128k scp,sshfs_128k '>= 0.9'
compare "the same, they with $fast" speed mount_1M scp_fast,sshfs_fast ''

#!/bin/bash
# timeout: 3600
# A published tar and disk of 1 GiB, read once through: out of the mount; out of the same files by
# archivemount, nbdfuse with nbdkit, and sshfs on loopback.  Cold and hot, with reads of 128 KiB and
# 1 MiB.  (archivemount: the first 16 MiB of the
# disk within the tar, hot; each read costs it more than the last.)
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
for tool in archivemount nbdfuse nbdkit sshfs; do
    command -v $tool >/dev/null || skip "there is no $tool"
done
published_cluster $((1 << 30))
command cp "$tar" "$C/web1.tar"
sync -f "$C"

mkdir "$TMPDIR"/{archive,nbd,nbdtar,ssh}
archivemount -o readonly "$C/web1.tar" "$TMPDIR/archive"
nbdfuse "$TMPDIR/nbd" [ nbdkit --exit-with-parent -r file "$dump" ] & nbd=($!)
nbdfuse "$TMPDIR/nbdtar" [ nbdkit --exit-with-parent -r file "$C/web1.tar" ] & nbd+=($!)
# sftp over a pipe: what encryption costs is not compared
printf '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n' >"$TMPDIR/no-ssh"
chmod +x "$TMPDIR/no-ssh"
sshfs -f -o "ro,ssh_command=$TMPDIR/no-ssh" "x:$C" "$TMPDIR/ssh" & others=("${nbd[@]}" $!)
for seen in archive/web1.example.com nbd/nbd nbdtar/nbd ssh/web1.tar; do
    wait_until 20 test -e "$TMPDIR/$seen" || fail "$seen is mounted"
done

declare -A file=(
    [disk_ours]=$disk [tar_ours]=$tar
    [disk_nbd]=$TMPDIR/nbd/nbd [tar_nbd]=$TMPDIR/nbdtar/nbd
    [disk_sshfs]=$TMPDIR/ssh${dump#"$C"} [tar_sshfs]=$TMPDIR/ssh/web1.tar
)
archive=$TMPDIR/archive/web1.example.com/disk0.raw
# Hot: what the server reads is in memory, and the file was read once.
make_ready() # STATE FILE
{
    cold "$C/web1.tar" "$dump" "$2"
    [ "$1" = cold ] || hot "$C/web1.tar" "$dump"
}
names=()
for what in "${!file[@]}"; do
    for size in 128k 1M; do
        for state in cold hot; do
            name=${what}_${size}_$state
            eval "$name() { dd if=${file[$what]} of=/dev/null bs=$size status=none; }"
            eval "before_$name() { make_ready $state ${file[$what]}; }"
            names+=("$name")
        done
    done
done
before_head_archive() { make_ready hot "$archive"; }
before_head_ours() { make_ready hot "$disk"; }
head_archive() { dd if="$archive" of=/dev/null bs=1M count=16 status=none; }
head_ours() { dd if="$disk" of=/dev/null bs=1M count=16 status=none; }
in_rounds "${names[@]}" head_ours head_archive
for state in cold hot; do
    for size in 128k 1M; do
        for what in disk tar; do
            compare "$what, $size, $state" speed ${what}_ours_${size}_$state \
                ${what}_nbd_${size}_$state,${what}_sshfs_${size}_$state '>= 1'
        done
    done
done
compare 'the first 16 MiB, hot' speed head_ours head_archive '>= 1'
check "archivemount reads the same" cmp -n $((16 << 20)) "$dump" "$archive"
umount "$TMPDIR/archive"
kill "${others[@]}"
wait "${others[@]}" || true

#!/bin/bash
# timeout: 120
# Archives that are no export of that instance: a clear errno at close, the reason in status, the
# export of before untouched, nothing staged.
. "$(dirname "$0")/../lib/cluster.sh"
. "$LIB/written.sh"
make_cluster
add_instance web1 --disk 2M:hole-middle
add_instance web2 --disk 1M:dense
mount_cluster ''
pull web1
cd "$TMPDIR"
at=$(node_tar web1 3)
# changed COMMAND...: of a copy of what was pulled, as a tar at $TMPDIR/bad.tar
changed()
{
    rm -rf bad
    cp -r pulled/web1.example.com bad
    (cd bad && eval "$*")
    tar -cf bad.tar bad
}
bad() # WHAT ERROR WHY COMMAND...
{
    local what=$1 error=$2 why=$3
    shift 3
    changed "$@"
    refused "$what" "$error" "$why" cp bad.tar "$at"
}
bad "another's image" 'Invalid argument' 'web2\.example\.com' 'sed -i "s/^name = .*/name = web2.example.com/" config.ini'
bad "another version" 'Invalid argument' version 'sed -i "s/^version = .*/version = 1/" config.ini'
bad "no config.ini" 'Bad message' 'config\.ini' 'rm config.ini'
bad "a dump is missing" 'Bad message' 'disk0\.raw' 'rm disk0.raw'
bad "a file too many" 'Invalid argument' 'disk7\.raw' 'echo >disk7.raw'
bad "a wrong checksum" 'Bad message' 'disk0\.raw' 'printf x | dd of=disk0.raw bs=1 seek=5 conv=notrunc status=none'
bad "a dump elsewhere" 'Invalid argument' 'dump' 'sed -i "s,^disk0_dump = .*,disk0_dump = ../web2.example.com/disk0.raw," config.ini'
bad "a symbolic link" 'Invalid argument' 'disk0\.raw' 'ln -sf /etc/passwd disk0.raw'
bad "a hard link" 'Invalid argument' '.' 'ln disk0.raw again'
bad "a fifo" 'Invalid argument' 'pipe' 'mkfifo pipe'
bad "a directory within" 'Invalid argument' 'sub' 'mkdir sub'
bad "not an ini file" 'Bad message\|Invalid argument' 'config\.ini' 'head -c 4096 /dev/urandom >config.ini'
tar -cf bad.tar --transform 's,^pulled,..,' -P pulled/web1.example.com
refused "names that lead out" 'Invalid argument' '\.\.' cp bad.tar "$at"
tar -C pulled -cPf bad.tar --transform 's,^,/,' web1.example.com
refused "absolute names" 'Invalid argument' 'absolute|/' cp bad.tar "$at"
tar -C pulled -cf bad.tar web1.example.com web1.example.com/config.ini
refused "a member twice" 'Invalid argument' 'twice|again|config\.ini' cp bad.tar "$at"
head -c 700000 /dev/urandom >bad.tar
refused "no archive at all" 'Bad message\|Invalid argument' '.' cp bad.tar "$at"
{ head -c 70000000 /dev/zero | gzip -9 || true; } | head -c 5000 >bad.tar || true
refused "half of something compressed" 'Bad message\|Invalid argument' '.' cp bad.tar "$at"

check_fails "a name that no instance has" 'No such file' cp web1.tar "$M/nodes/node3.example.com/images/nobody.tar"
check_fails "no archive's name" 'not permitted' cp web1.tar "$M/nodes/node3.example.com/images/web1.example.com.zip"
check_fails "a node that is none" 'No such file\|not a directory' cp web1.tar "$M/nodes/node9.example.com/images/web1.example.com.tar"
mkdir wrong
cp -r pulled/web1.example.com wrong/web2.example.com
# rsync and cp -r tell of the close that made it whole
check_fails "a directory of another's image" 'Invalid argument' cp -r wrong/web2.example.com "$M/nodes/node3.example.com/exports/"
soon "its reason" says_why "web1\.example\.com"
check "no export came of it" test ! -e "$(exports_of node3)/web2.example.com"
check "the right one still can be written" cp web1.tar "$at"
check "and is published" published web1 3 web1.tar

#!/bin/bash
# Renames: EXDEV between the same directories of different nodes, so that mv copies; else EPERM; never
# ENOSYS or EINVAL, with no flags and with RENAME_NOREPLACE, which mv tries first.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster manage
touch_export web1 node2
n2=nodes/node2.example.com n3=nodes/node3.example.com
cp -r "$(exports_of node2)/web1.example.com" "$(exports_of node3)/web3.example.com"
wait_until 20 test -e "$M/$n3/exports/web3.example.com"

# rename FROM TO ERRNO: by all flags that mv uses.
rename()
{
    check "$1 -> $2 is $3" python3 - "$M/$1" "$M/$2" "$3" <<'END'
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for flags in (0, 1):
    r = libc.renameat2(-100, os.fsencode(sys.argv[1]), -100, os.fsencode(sys.argv[2]), flags)
    seen = errno.errorcode.get(ctypes.get_errno(), "0") if r else "0"
    if seen != sys.argv[3]:
        sys.exit(f"{flags}: {seen}")
END
}
rename $n2/images/web1.example.com.tar $n3/images/web1.example.com.tar EXDEV
rename $n2/exports/web1.example.com $n3/exports/web1.example.com EXDEV
rename $n2/exports/web1.example.com/disk0.raw $n3/exports/web3.example.com/disk1.raw EXDEV
rename $n2/images/web1.example.com.tar $n2/images/web2.example.com.tar EPERM
rename $n2/exports/web1.example.com $n2/exports/web2.example.com EPERM
rename $n2/exports/web1.example.com/disk0.raw $n2/exports/web1.example.com/disk1.raw EPERM
rename $n2/exports/web1.example.com $n3/images/web1.example.com EPERM
rename $n2 nodes/node4.example.com EPERM
rename images/web1.example.com.tar images/web2.example.com.tar EPERM
rename images/web1.example.com.tar $n3/images/web1.example.com.tar EPERM
rename $n2/images/web1.example.com.tar images/web2.example.com.tar EPERM
rename instances/web1.example.com instances/web2.example.com EPERM
rename instances/web1.example.com/params instances/web1.example.com/other EPERM
rename status metrics2 EPERM
check_eq "all is where it was" "$(cd "$C/nodes" && ls -d ./*/export/*)" \
    $'./node2.example.com/export/web1.example.com\n./node3.example.com/export/web3.example.com'
check "whole" same_directory web1 "$(exports_of node2)/web1.example.com"
check_eq "nothing was exported" "$(runs)" 1

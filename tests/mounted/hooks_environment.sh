#!/bin/bash
# The hooks' environment: exactly the variables of the specification, nothing inherited.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --up --disk 1M --disk 2100000 --set hypervisor 'kernel_path = /boot/vmlinuz' \
    --set backend 'auto_balance = True' --set instance 'tags = web prod'
for phase in pre post; do
    for n in 1 2 3; do
        add_hook node$n $phase env "env | sort >$TMPDIR/$phase.node$n; pwd >$TMPDIR/$phase.pwd; cat >$TMPDIR/stdin; echo \$# >$TMPDIR/argc"
    done
done
export STRAY=1
mount_cluster ''
set_params web1 'shutdown = True' 'long_sleep = True' 'shutdown_timeout = 33'
touch_export web1 node2

wanted()
{
    sort <<END
PATH=/sbin:/bin:/usr/sbin:/usr/bin
GANETI_HOOKS_VERSION=2
GANETI_OP_CODE=OP_BACKUP_EXPORT
GANETI_OBJECT_TYPE=INSTANCE
GANETI_DATA_DIR=/var/lib/ganeti
GANETI_HOOKS_PHASE=$1
GANETI_HOOKS_PATH=instance-export
GANETI_CLUSTER=c1.example.com
GANETI_MASTER=node1.example.com
GANETI_EXPORT_MODE=local
GANETI_EXPORT_NODE=node2.example.com
GANETI_EXPORT_DO_SHUTDOWN=True
GANETI_SHUTDOWN_TIMEOUT=33
GANETI_REMOVE_INSTANCE=False
GANETI_OP_TARGET=web1.example.com
GANETI_INSTANCE_NAME=web1.example.com
GANETI_INSTANCE_PRIMARY=node1.example.com
GANETI_INSTANCE_SECONDARIES=
GANETI_INSTANCE_OS_TYPE=debootstrap+default
GANETI_INSTANCE_STATUS=up
GANETI_INSTANCE_MEMORY=1024
GANETI_INSTANCE_MINMEM=512
GANETI_INSTANCE_MAXMEM=1024
GANETI_INSTANCE_VCPUS=2
GANETI_INSTANCE_DISK_TEMPLATE=file
GANETI_INSTANCE_HYPERVISOR=fake
GANETI_INSTANCE_NIC_COUNT=1
GANETI_INSTANCE_NIC0_IP=192.0.2.10
GANETI_INSTANCE_NIC0_MAC=aa:00:00:12:34:56
GANETI_INSTANCE_NIC0_MODE=bridged
GANETI_INSTANCE_NIC0_LINK=br0
GANETI_INSTANCE_NIC0_BRIDGE=br0
GANETI_INSTANCE_DISK_COUNT=2
GANETI_INSTANCE_DISK0_SIZE=1
GANETI_INSTANCE_DISK0_MODE=rw
GANETI_INSTANCE_DISK1_SIZE=3
GANETI_INSTANCE_DISK1_MODE=rw
GANETI_INSTANCE_TAGS=web prod
GANETI_INSTANCE_BE_maxmem=1024
GANETI_INSTANCE_BE_minmem=512
GANETI_INSTANCE_BE_vcpus=2
GANETI_INSTANCE_BE_auto_balance=True
GANETI_INSTANCE_HV_kernel_path=/boot/vmlinuz
END
}

# A shell adds some variables of its own; the type of a disk is told in addition to its size.
seen() { grep -Ev '^(PWD|OLDPWD|SHLVL|_)=|_DISK[01]_(DEV_TYPE|DRIVER|ID|UUID|NAME)=|_NIC0_(UUID|NAME|VLAN)=' "$1"; }

check_eq "pre" "$(seen "$TMPDIR/pre.node1")" "$(wanted pre)"
check_eq "post: the same" "$(seen "$TMPDIR/post.node1" | grep -v ^GANETI_POST_)" "$(wanted post)"
check_eq "post: and GANETI_POST_ of what the LU says" \
    "$(seen "$TMPDIR/post.node1" | grep ^GANETI_POST_ | sed 's/_POST//' | sort)" \
    "$(wanted post | grep -E '^GANETI_(EXPORT|SHUTDOWN|REMOVE|OP_TARGET|INSTANCE)')"
check "the target runs them too" cmp "$TMPDIR/pre.node1" "$TMPDIR/pre.node2"
check "a node that is not concerned does not" test ! -e "$TMPDIR/pre.node3"
check_eq "in /" "$(cat "$TMPDIR/pre.pwd")" /
check_eq "stdin at its end" "$(cat "$TMPDIR/stdin")" ''
check_eq "no arguments" "$(cat "$TMPDIR/argc")" 0

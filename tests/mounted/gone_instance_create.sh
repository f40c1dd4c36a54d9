#!/bin/bash
# What is made, or written over, in the directory of an instance that has gone: ENOENT, as in a
# directory that was removed, though the kernel may have looked it up just before.  Beside it EPERM.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
add_instance web2
mount_cluster ''
export seen=$TMPDIR/seen go=$TMPDIR/go

# tries DIRECTORY: errors of what is tried in it as soon as $go is there; it was opened before.
tries()
{
    python3 -c '
import errno, os, sys, time
dirs = [os.open(sys.argv[1] + sub, os.O_RDONLY | os.O_DIRECTORY) for sub in ("", "/export")]
open(os.environ["seen"], "w").close()
while not os.path.exists(os.environ["go"]):
    time.sleep(0.01)
for d in dirs:
    for what, act in (("params", lambda: os.open("params", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, dir_fd=d)),
                      ("new", lambda: os.open("new", os.O_WRONLY | os.O_CREAT, dir_fd=d)),
                      ("dir", lambda: os.mkdir("dir", dir_fd=d))):
        try:
            act()
            print(what, "works")
        except OSError as e:
            print(what, errno.errorcode[e.errno])' "$1"
}

touch "$go"
check_eq "of one that is there" "$(tries "$(inst web2)")" \
    $'params works\nnew EPERM\ndir EPERM\nparams EPERM\nnew EPERM\ndir EPERM'
rm "$go" "$seen"
tries "$(inst web1)" >"$TMPDIR/said" & tries=$!
check "it is open" wait_until 10 test -e "$seen"
rm "$C/instances/web1.example.com.ini"
soon "it is noticed" grep -qx 'instances: 1' "$M/status"
touch "$go"
check_wait "all is tried" "$tries"
check_eq "of one that has gone" "$(cat "$TMPDIR/said")" \
    $'params ENOENT\nnew ENOENT\ndir ENOENT\nparams ENOENT\nnew ENOENT\ndir ENOENT'

#!/bin/bash
# timeout: 170
# The demo's steps, with smaller disks.
. "$(dirname "$0")/../lib/cluster.sh"
mkdir "$TMPDIR/here"
cd "$TMPDIR/here"
check "make demo" env DEMO_SIZE_MB=24 GNT_EXPORTFS="$(realpath "$GNT")" "$LIB/../../contrib/demo/demo"
check_eq "it leaves nothing behind" "$(ls -A "$TMPDIR/here")" ''
check "no mount" eval '! grep fuse.gnt-exportfs /proc/self/mountinfo'
truncate -s 8M "$TMPDIR/own.raw"
mkfs.ext4 -q "$TMPDIR/own.raw"
check "with an image of the user's own" env IMAGE="$TMPDIR/own.raw" GNT_EXPORTFS="$(realpath "$GNT")" "$LIB/../../contrib/demo/demo"
check_fails "an image that is not there" 'No such file' env IMAGE=/none GNT_EXPORTFS="$(realpath "$GNT")" "$LIB/../../contrib/demo/demo"
check_eq "nothing behind" "$(ls -A "$TMPDIR/here")" ''

#!/bin/bash
# What a request costs: the lookup of a name that is believed for no time at all, through the
# mount, and through libfuse's hello_ll, which only compares the name with "hello".  For information:
# what a listing can cost at least.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
published_cluster $((1 << 20))
example_fs hello_ll default_permissions "$TMPDIR/example" 's/entry_timeout = 1.0/entry_timeout = 0/'
lookups() { python3 -c 'import os, sys, time
begin = time.monotonic()
for k in range(50000):
    os.stat(sys.argv[1])
print(time.monotonic() - begin)' "$@"; }
for ((round = 0; round < ROUNDS; round++)); do
    sample ours "$(lookups "$disk")"
    sample example "$(lookups "$TMPDIR/example/hello")"
    sample one_ours "$(on_one "${daemons[$M]}" lookups "$disk")"
    sample one_example "$(on_one "$example" lookups "$TMPDIR/example/hello")"
done
end_example
compare '50,000 lookups; hello_ll' time ours example ''
compare 'the same on one processor' time one_ours one_example ''

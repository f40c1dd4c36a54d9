#!/bin/bash
# A text that was looked up long before it is opened, hundreds of others in between: what is read is
# what its attributes told, or it is stale; who opens it by its name always gets the one of now.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 1M:dense
for i in $(seq 300); do
    sed "s/^name = .*/name = vm$i.example.com/; /^disk/d" "$C/instances/web1.example.com.ini" \
        >"$C/instances/vm$i.example.com.ini"
done
mount_cluster ''

# hold.py FILE: looks it up and waits for a line on stdin, then opens just what it had looked up.
cat >"$TMPDIR/hold.py" <<'END'
import errno, os, sys
fd = os.open(sys.argv[1], os.O_PATH)
size = os.fstat(fd).st_size
print("held", flush=True)
sys.stdin.readline()
try:
    with open(f"/proc/self/fd/{fd}", "rb") as f:
        data = f.read()
    print("size is wrong" if len(data) != size else data.decode(), end="")
except OSError as e:
    print(errno.errorcode[e.errno])
END
hold() # FILE COMMAND: what is read of FILE when COMMAND was run after its lookup
{
    coproc held { python3 "$TMPDIR/hold.py" "$1"; }
    read -r _ <&"${held[0]}"
    exec 5<&"${held[0]}" 6>&"${held[1]}"
    eval "$2" >&2
    echo >&6
    exec 6>&-
    cat <&5
    exec 5<&-
}
look_at_others() { stat "$M"/instances/vm*/{status,config.ini} >/dev/null; }
memory_changes()
{
    sed -i 's/^maxmem = .*/maxmem = 4242/' "$C/instances/web1.example.com.ini"
    wait_until 20 grep -q '^maxmem = 4242$' "$(inst web1)/config.ini"
}

for f in "$(inst web1)/config.ini" "$(inst web1)/status" "$M/nodes/node1.example.com/status"; do
    check_eq "at once: ${f#"$M"/}" "$(hold "$f" :)" "$(cat "$f")"
    check_eq "after hundreds of others: ${f#"$M"/}" "$(hold "$f" look_at_others)" "$(cat "$f")"
done
was=$(cat "$(inst web1)/config.ini")
held=$(hold "$(inst web1)/config.ini" 'memory_changes; look_at_others')
check "the old text, or none" eval '[ "$held" = "$was" ] || [ "$held" = ESTALE ]'
check_match "by its name: the new one" "$(cat "$(inst web1)/config.ini")" '^maxmem = 4242$'

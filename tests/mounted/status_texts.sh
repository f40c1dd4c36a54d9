#!/bin/bash
# status, metrics and the instance's config.ini say what they are there for.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1 --disk 3M:dense
mount_cluster ''
for f in "$M/status" "$(inst web1)/status" "$M/nodes/node1.example.com/status"; do
    check_no_match "name: value lines: ${f#"$M"/}" "$(grep -Ev '^[a-z][a-z0-9 _()/.-]*:( |$)|^ |^$' "$f" || true)" .
    check_eq "its size is right" "$(stat -c %s "$f")" "$(wc -c <"$f")"
done
check_match "before: there is no export" "$(status_of web1)" '^export: none$'
check "config.ini is readable strictly" python3 "$image_py" config "$(inst web1)/config.ini" instance name web1.example.com
check_eq "log: empty at first" "$(cat "$(inst web1)/log")" ''
touch_export web1 node2
check_match "status: where the export lies" "$(status_of web1)" 'node2.example.com'
check_match "log of the export" "$(cat "$(inst web1)/log")" 'Exporting|export'
check_match "metrics count the export" "$(cat "$M/metrics")" '^gnt_exportfs_[a-z_]*(exports|jobs|runs)[a-z_]*(\{[^}]*\})? 1'
cat "$(inst web1)/export/disk0.raw" >/dev/null
check_match "metrics count the bytes read" "$(cat "$M/metrics")" '^gnt_exportfs_[a-z_]*bytes[a-z_]*(\{[^}]*\})? (3145728|[0-9]{7,})'

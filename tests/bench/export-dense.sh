#!/bin/bash
# timeout: 1200
# An export alone, hash included and durable, of a dense disk of 2 GiB to the same ext4, where
# nothing can be cloned; cp and sync -f of the same file.
. "$(dirname "$0")/../lib/cluster.sh"
. "$(dirname "$0")/lib.sh"
dense_cluster $((2 << 30)) max_age=0,linger=0
copy=$C/copy

before_export_cold() { settled && cold "$disk"; }
before_export_hot() { settled && hot "$disk"; }
before_cp_cold() { rm -f "$copy" && settled && cold "$disk"; }
before_cp_hot() { rm -f "$copy" && settled && hot "$disk"; }
export_cold() { export_now web1 node2; }
export_hot() { export_now web1 node2; }
cp_cold() { cp --sparse=never "$disk" "$copy" && sync -f "$copy"; }
cp_hot() { cp_cold; }

export_now web1 node2
in_rounds export_cold cp_cold export_hot cp_hot
check "what was exported is right" cmp "$disk" "$(exports_of node2)/web1.example.com/disk0.raw"
compare 'the disk not in memory' time export_cold cp_cold '<= 1.15'
compare 'the disk in memory' time export_hot cp_hot '<= 1.15'

#!/bin/bash
# Export directories with foreign things in them: shown as they lie there, never followed, never fatal.
. "$(dirname "$0")/../lib/cluster.sh"
make_cluster
add_instance web1
mount_cluster ''
touch_export web1 node2
e=$(exports_of node2)
good=$e/web1.example.com
echo hello >"$e/stray-file"
mkdir "$e/empty.example.com" "$e/.stage" "$e/lost+found" "$e/web9.example.com.new"
mkdir "$e/foreign.example.com" && echo x >"$e/foreign.example.com/notes.txt"
cp -r "$good" "$e/truncated.example.com" && truncate -s 10 "$e/truncated.example.com/config.ini"
cp -r "$good" "$e/noconfig.example.com" && rm "$e/noconfig.example.com/config.ini"
cp -r "$good" "$e/nodump.example.com" && rm "$e/nodump.example.com/disk0.raw"
cp -r "$good" "$e/version.example.com" && sed -i 's/^version = 0/version = 1/' "$e/version.example.com/config.ini"
for evil in ../web1.example.com/disk0.raw /etc/shadow sub/disk0.raw .hidden; do
    i=$((${i:-0} + 1))
    cp -r "$good" "$TMPDIR/evil"
    sed -i "s|^disk0_dump = .*|disk0_dump = $evil|" "$TMPDIR/evil/config.ini"
    mv "$TMPDIR/evil" "$e/evil$i.example.com" # good at no moment
done
cp -r "$good" "$e/linked.example.com"
ln -sf /etc/shadow "$e/linked.example.com/disk0.raw"
ln -s /etc/shadow "$e/linked.example.com/extra"
ln -s /etc "$e/etc.example.com"
mkfifo "$e/foreign.example.com/fifo"
mkdir "$e/foreign.example.com/directory"

n=$M/nodes/node2.example.com
soon "the good one is shown" test -e "$n/exports/web1.example.com/disk0.raw"
soon "foreign files in a directory too" test -e "$n/exports/foreign.example.com/notes.txt"
check_eq "regular files only" "$(ls -A "$n/exports/foreign.example.com")" notes.txt
check_no_match "no stage, no dot names, no stray file" "$(ls -A "$n/exports")" '^\.|stray-file'
for x in empty foreign truncated noconfig nodump version evil1 evil2 evil3 evil4 linked; do
    soon "$x: no tar can be made of it" test ! -e "$n/images/$x.example.com.tar"
done
check_match "the node's status tells of them" "$(cat "$n/status")" 'truncated.example.com'
check_match "and of one that was never finished" "$(cat "$n/status")" '^unfinished: web9.example.com.new: left over'
check_fails "which is no export" . ls "$n/exports/web9.example.com.new"
check_no_match "no symlink is followed" "$(timeout 10 cat "$n"/exports/*/* 2>/dev/null | tr -d '\0' | head -c 10000000 | grep -a '^root:' || true)" .
check_fails "nor a linked directory" . ls "$n/exports/etc.example.com/"
check "the whole tree can be walked" timeout 20 find "$M" -ls
check "the good one can be pulled" cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check_eq "without a new run" "$(runs)" 1

# What stands in the export's place and is none is left alone, and said to be in the way.
mkdir "$TMPDIR/outside" && touch "$TMPDIR/outside/precious"
rm -rf "$good" && ln -s "$TMPDIR/outside" "$good"
soon "the export is not shown any more" eval "! test -e '$n/exports/web1.example.com'"
touch_export web1 node2 || true
check_match "a symlink in its place is in the way" "$(status_of web1)" '^(error|refused): .*in the way'
check "what it leads to is untouched" test -e "$TMPDIR/outside/precious" -a -L "$good"
rm "$good"
touch_export web1 node2
cp "$(tar_of web1)" "$TMPDIR/web1.tar"
check "without it the export works" same_image web1 "$TMPDIR/web1.tar"
check "foreign directories are still there" test -e "$e/foreign.example.com/notes.txt" -a -e "$e/stray-file"

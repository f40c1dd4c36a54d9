#!/usr/bin/env python3
"""Does every crash of the machine during an export leave the old one or the new one?

    crash_states.py look FILE OPTIONS             before the export: what lies there
    strace ... -o LOG                             the export (strace_log.STRACE)
    crash_states.py check FILE LOG OPTIONS        every state that a crash could leave

The changes that the export made are gone through one by one; after each, every state that a crash
may leave then (world.py) is laid out as an export of its own, with its journal, on the nodes of a
new cluster.  One start of the daemon recovers them all.

Before it, NAME is whole or absent on every node; after it, all nodes are as before the export or as
after it, to the byte, with nothing hidden beside - after the last change as after it.

--killed: before the machine crashes, the daemon is killed at every change and started again; what
that start does is recorded as well, and the machine crashes in the midst of that.
--drop-each WHAT: as if one fsync of WHAT (node2) had not been made, each in turn: then something
must be found.
"""
import argparse
import ctypes
import os
import pickle
import re
import shutil
import subprocess
import sys
import time

import strace_log
from world import World

LIMIT = 240  # seconds for one start of the daemon to put everything in order
TOLD = 5
SUMS = "XXH128SUMS"
AREAS = "journal", "pending"


class Inside:
    """What is looked at: the nodes' exports, and of the state directory what is noted there."""

    def __init__(self, nodes, state):
        self.state = state
        self.tops = (*(f"{root}/" for root in nodes.values()), *(f"{state}/{area}/" for area in AREAS))

    def __call__(self, path):
        return path == self.state or (path + "/").startswith(self.tops)


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_128bits.restype = Hash
xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def pending(node, name):
    """The file that notes a removal of an export from a node."""
    text = f"{node}/{name}".encode()
    key = xxhash.XXH3_128bits(text, len(text))
    return f"{key.high:016x}{key.low:016x}"


def world_of(o):
    return World(list(o.nodes.values()) + [o.state], Inside(o.nodes, o.state))


def exports(tree, o, name):
    """{node: {file: (content, mtime)}} of an export, without what is hidden in it."""
    found = {}
    for node, root in o.nodes.items():
        top = f"{root}/{name}"
        if top in tree:
            found[node] = {p[len(top) + 1:]: s for p, s in tree.items()
                           if p.startswith(top + "/") and not p.startswith(top + "/.")}
    return found


class Recovery:
    """A cluster in which one start of the daemon recovers many states, each of its own name."""

    def __init__(self, o, directory):
        self.o, self.top, self.names = o, directory, []
        shutil.rmtree(directory, ignore_errors=True)
        self.state = f"{directory}/state"
        self.nodes = {n: f"{directory}/nodes/{n}/export" for n in o.nodes}
        for d in [self.state + "/journal", directory + "/instances", *self.nodes.values()]:
            os.makedirs(d)
        with open(f"{directory}/cluster.ini", "w", encoding="utf-8") as f:
            f.write(f"[cluster]\nname = c1.example.com\nmaster_node = {list(o.nodes)[0]}\n")

    def add(self, tree):
        """Lays a state out."""
        name = f"s{len(self.names):06}.example.com"
        self.names.append(name)
        moved = {**{r: self.nodes[n] for n, r in self.o.nodes.items()}, self.o.state: self.state}
        directories = []
        for path, (content, mtime) in tree.items():
            root = next(r for r in moved if path == r or path.startswith(r + "/"))
            to = moved[root] + self.renamed(path[len(root):], self.o.name, name)
            if content is None:
                os.makedirs(to, exist_ok=True)
                directories.append((to, mtime))
                continue
            if root == self.o.state:
                content = content.replace(self.o.name.encode(), name.encode())
            with open(to, "wb") as f:
                f.write(content)
            os.utime(to, (mtime, mtime))
        for to, mtime in reversed(directories):
            os.utime(to, (mtime, mtime))
        return name

    def renamed(self, path, name, to):
        """A path that is about an export, when that has another name."""
        for node in self.o.nodes:
            path = path.replace(pending(node, name), pending(node, to))
        return path.replace(name, to)

    def left(self):
        """What the daemon has not put in order yet."""
        return [n for area in AREAS if os.path.isdir(f"{self.state}/{area}")
                for n in os.listdir(f"{self.state}/{area}") if not n.startswith(".")]

    def run(self, tracer=()):
        """One start of the daemon."""
        mnt = self.top + ".mnt"
        os.makedirs(mnt, exist_ok=True)
        daemon = subprocess.Popen([*tracer, self.o.daemon, "-f", self.top, mnt], stdout=subprocess.DEVNULL)
        try:
            end = time.monotonic() + LIMIT
            while not os.path.ismount(mnt) or self.left():
                if daemon.poll() is not None:
                    raise SystemExit(f"the daemon ended with status {daemon.returncode}")
                if time.monotonic() > end:
                    break
                time.sleep(0.1)
            subprocess.run(["umount", mnt], check=True)
            if daemon.wait(60) != 0:
                raise SystemExit(f"the daemon ended with status {daemon.returncode}")
        finally:
            daemon.kill()
        return self.left()

    def found(self):
        """{name: ({node: {file: (content, mtime)}}, [what is hidden])}"""
        result = {n: ({}, []) for n in self.names}
        for node, root in self.nodes.items():
            for entry in os.listdir(root):
                if entry.startswith("."):
                    result[entry[1:20]][1].append(f"{node}/{entry}")
                    continue
                export = result[entry][0][node] = {}
                for name in os.listdir(f"{root}/{entry}"):
                    path = f"{root}/{entry}/{name}"
                    if name.startswith("."):
                        result[entry][1].append(f"{node}/{entry}/{name}")
                        continue
                    with open(path, "rb") as f:
                        export[name] = (f.read(), int(os.stat(path).st_mtime))
        return result


def difference(seen, old, new):
    """In few words, how what was seen is neither."""
    words = []
    for node in sorted({*seen, *old, *new}):
        files = seen.get(node)
        for what, wanted in (("old", old.get(node)), ("new", new.get(node))):
            if files == wanted:
                words.append(f"{node}: the {what}" if files is not None else f"{node}: none")
                break
        else:
            if files is None:
                words.append(f"{node}: none")
                continue
            either = [w.get(node) or {} for w in (old, new)]
            words.append(f"{node}: " + ", ".join(
                f + ("" if f in files else " missing") for f in sorted({*files, *either[1]})
                if all(files.get(f) != e.get(f) for e in either) or f not in files) + " wrong or mixed")
    return "; ".join(words)


class Check:
    """The states of one sequence of changes."""

    def __init__(self, o, old, new):
        self.o, self.old, self.new = o, old, new
        self.states = {}  # what a crash leaves -> [must be the new one, where]
        self.wrong = []

    def whole(self, node, files):
        """A clone may still lack its checksums."""
        new = self.new.get(node)
        return files in (self.old.get(node), new) or \
            (new and SUMS in new and files == {f: s for f, s in new.items() if f != SUMS})

    def add(self, world, where, must_be_new=False):
        for tree in world.after_crash():
            key = tuple(sorted(tree.items()))
            seen = self.states.setdefault(key, [False, where])
            if must_be_new:
                self.states[key] = [True, where]
            if seen[1] is where:
                self.look(tree, where)

    def look(self, tree, where):
        """Before any recovery."""
        seen = exports(tree, self.o, self.o.name)
        for node, files in seen.items():
            if not self.whole(node, files):
                self.wrong.append(f"{where}: before recovery, {difference(seen, self.old, self.new)}")
        if self.o.always_there and not seen:
            self.wrong.append(f"{where}: before recovery, it is not there")

    def recover(self):
        recovery = Recovery(self.o, self.o.work)
        wanted = {recovery.add(dict(tree)): w for tree, w in self.states.items()}
        for name in recovery.run():
            self.wrong.append(f"{wanted.get(name, name)}: still noted after {LIMIT} seconds")
        for name, (seen, hidden) in recovery.found().items():
            must_be_new, where = wanted[name]
            if seen != self.new and (must_be_new or seen != self.old):
                self.wrong.append(f"{where}: {difference(seen, self.old, self.new)}")
            if hidden:
                self.wrong.append(f"{where}: left over: {' '.join(hidden)}")
        return self


def short(o, op):
    """An op for people."""
    words = [op[0]]
    for x in op[1:]:
        if isinstance(x, str):
            for node, root in o.nodes.items():
                x = x.replace(root, node.split(".")[0]).replace(o.state, "state")
            words.append(x.replace(o.name, "NAME"))
    return " ".join(words)


def walk(o, changes):
    """The world after each change, and what that was."""
    with open(o.file, "rb") as f:
        world = pickle.load(f)
    yield world, "before the first change"
    for i, op in enumerate(changes):
        world.apply(op)
        yield world, f"change {i + 1}, {short(o, op)}"


def states_of(o, changes, new):
    old = None
    for world, where in walk(o, changes):
        if old is None:
            old = exports(world.now(), o, o.name)
            check = Check(o, old, new)
        last = where
        check.add(world, where)
    check.add(world, last + " (the last)", must_be_new=True)
    return check


def missed(o, changes, i, new):
    """Is an fsync one that the states are wrong without?"""
    check = states_of(o, changes[:i] + changes[i + 1:], new)
    if not check.wrong:
        check.recover()
    print(f"without {short(o, changes[i])}: {'wrong' if check.wrong else 'nobody misses it'}")
    return bool(check.wrong)


def replay(o, log):
    """The changes, and the exports after them; checks the record itself against what lies there."""
    with open(log, encoding="utf-8") as f:
        changes = [op for _, op in strace_log.changes(f, Inside(o.nodes, o.state))]
    for world, _ in walk(o, changes):
        pass
    real = world_of(o)
    seen, wanted = ({p: s[0] for p, s in w.now().items()} for w in (world, real))
    for path in sorted({*seen, *wanted}):
        if seen.get(path, 0) != wanted.get(path, 0):
            raise SystemExit(f"the record does not lead to what lies there: {path}")
    return changes, exports(real.now(), o, o.name)


def tell(check):
    print(f"{len(check.states)} states, {len(check.wrong)} wrong")
    for line in check.wrong[:TOLD]:
        print(f"  {line}")
    return not check.wrong


def by_name(o, done, names):
    """{name: [op]}: an fsync of a directory that all share is for the name that its thread changed
    there just before it, or else is at next."""
    ops, before, waiting = {n: [] for n in names}, {}, {}
    about = {**{n: n for n in names}, **{pending(node, n): n for n in names for node in o.nodes}}
    for thread, op in done:
        name = next((about[w] for w in re.findall(r"s\d{6}\.example\.com|[0-9a-f]{32}", op[1])
                     if w in about), None)
        if name:
            ops[name] += waiting.pop(thread, []) + [op]
        elif op[0] == "fsync":
            last = before.get(thread)
            if last and os.path.dirname(last[1][1]) == op[1]:
                ops[last[0]].append(op)
            else:
                waiting.setdefault(thread, []).append(op)
        before[thread] = (name, op) if name else None
    return ops


def killed(o, changes, new):
    """Recovery from a death at each change, recorded; then crashes in it."""
    recovery = Recovery(o, o.work)
    deaths = {}
    for n, (world, where) in enumerate(walk(o, changes)):
        tree = world.now()
        if n == 0:
            old = exports(tree, o, o.name)
        deaths.setdefault(tuple(sorted(tree.items())), (n, where))
    deaths = {recovery.add(dict(tree)): at for tree, at in deaths.items()}
    log = o.work + ".log"
    recovery.run([*strace_log.STRACE, "-o", log])
    with open(log, encoding="utf-8") as f:
        done = by_name(o, strace_log.changes(f, Inside(recovery.nodes, recovery.state)), list(deaths))
    check = Check(o, old, new)
    for name, (n, where) in deaths.items():
        for world, _ in walk(o, changes[:n]):
            pass
        for op in done[name]:
            op = tuple(back(o, recovery, name, x) for x in op)
            world.apply(op)
            check.add(world, f"killed after {where}; then {short(o, op)}")
    return check


def back(o, recovery, name, x):
    """What an op of the recovery says, as in the cluster of the export."""
    if isinstance(x, bytes):
        return x.replace(name.encode(), o.name.encode())
    roots = {**{r: o.nodes[n] for n, r in recovery.nodes.items()}, recovery.state: o.state}
    for root, to in roots.items():
        if isinstance(x, str) and (x + "/").startswith(root + "/"):
            return to + recovery.renamed(x[len(root):], name, o.name)
    return x


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["look", "check"])
    parser.add_argument("file")
    parser.add_argument("log", nargs="?")
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--node", action="append", default=[], metavar="NAME=EXPORT_DIR")
    parser.add_argument("--name", default="web1.example.com")
    parser.add_argument("--daemon")
    parser.add_argument("--work")
    parser.add_argument("--always-there", action="store_true")
    parser.add_argument("--killed", action="store_true")
    parser.add_argument("--drop-each", metavar="WHAT")
    o = parser.parse_args()
    o.state = f"{o.cluster}/state"
    o.nodes = dict(n.split("=", 1) for n in o.node)
    if o.what == "look":
        with open(o.file, "wb") as f:
            pickle.dump(world_of(o), f)
        return 0
    changes, new = replay(o, o.log)
    print(f"{len(changes)} changes recorded, {sum(op[0] == 'fsync' for op in changes)} of them fsyncs")
    if o.drop_each:
        forgotten = [i for i, op in enumerate(changes) if op[0] == "fsync" and o.drop_each in short(o, op)]
        return 0 if forgotten and all([missed(o, changes, i, new) for i in forgotten]) else 1
    check = states_of(o, changes, new) if not o.killed else killed(o, changes, new)
    return 0 if tell(check.recover()) else 1


if __name__ == "__main__":
    sys.exit(main())

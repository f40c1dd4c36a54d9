"""A file system as a crash of the machine may leave it.

Each inode has what is durable and, in order, what was done to it since its last fsync.  A crash
keeps of a file's undone changes any subset, or only their length; of a directory's any subset that
still makes sense (so also: all up to some point), each change whole.  Inodes are independent of
each other: fsync of a file says nothing of its name, nor that of a directory of what is in it.
That is less than ext4, XFS and btrfs promise, so what survives here survives there.
"""
import itertools
import os

ALL_SUBSETS_OF = 4  # unsynced changes of one inode; of more only the likely ones
ALL_COMBINATIONS = 400  # of the inodes' variants; of more one file at a time
NOW = 2_000_000_000


class File:
    def __init__(self, content=b"", mtime=NOW):
        self.durable = (content, mtime)
        self.undone = []

    @staticmethod
    def changed(state, change):
        content, mtime = state
        kind, *args = change
        if kind == "mtime":
            mtime = NOW if args[0] is None else args[0]
        elif kind == "truncate":
            content = content[:args[0]].ljust(args[0], b"\0")
        elif kind == "clone":
            content = args[0]
        else:
            at, data = args
            content = content.ljust(at, b"\0")
            content = content[:at] + data + content[at + len(data):]
        return content, mtime

    def lost(self):
        return self.durable

    def variants(self):
        kept = self.now()
        found = [self.durable, kept]
        for subset in subsets(self.undone):
            state = self.durable
            for change in subset:
                state = self.changed(state, change)
            found.append(state)
        if len(kept[0]) > len(self.durable[0]):
            found.append((self.durable[0].ljust(len(kept[0]), b"\0"), kept[1]))
        return unique(found)

    def now(self):
        state = self.durable
        for change in self.undone:
            state = self.changed(state, change)
        return state


class Directory:
    def __init__(self, mtime=NOW):
        self.durable = ((), mtime)  # ((name, inode), ...)
        self.undone = []

    @staticmethod
    def changed(state, change):
        """None when it makes no sense, for an earlier one is missing."""
        entries, mtime = dict(state[0]), state[1]
        kind, *args = change
        if kind == "mtime":
            return state[0], NOW if args[0] is None else args[0]
        if kind == "link":
            if args[0] in entries:
                return None
            entries[args[0]] = args[1]
        elif kind == "unlink":
            if entries.pop(args[0], None) is None:
                return None
        else:
            a, b = args
            if a not in entries or (kind == "exchange" and b not in entries):
                return None
            if kind == "exchange":
                entries[a], entries[b] = entries[b], entries[a]
            else:
                entries[b] = entries.pop(a)
        return tuple(sorted(entries.items())), mtime

    def variants(self):
        found = [self.durable, self.now()]
        for subset in subsets(self.undone):
            state = self.durable
            for change in subset:
                state = self.changed(state, change)
                if state is None:
                    break
            else:
                found.append(state)
        return unique(found)

    def now(self):
        state = self.durable
        for change in self.undone:
            state = self.changed(state, change)
        return state


def subsets(changes):
    n = len(changes)
    if n <= ALL_SUBSETS_OF:
        for size in range(n + 1):
            yield from itertools.combinations(changes, size)
        return
    for i in range(n + 1):
        yield changes[:i]
    for i in range(n):
        yield changes[:i] + changes[i + 1:]


def unique(items):
    return list(dict.fromkeys(items))


class World:
    """Inode 0 is the top; its entries are the directories that are watched, by their real paths."""

    def __init__(self, roots, inside):
        self.inodes = [Directory()]
        self.roots, self.inside = roots, inside
        self.clones = {}  # path of a file without a name, or outside -> content
        for root in roots:
            self.inodes[0].durable = (self.inodes[0].durable[0] + ((root, len(self.inodes)),), NOW)
            self.read(root)

    def read(self, path):
        """Takes over what lies there, as durable."""
        inode, mtime = len(self.inodes), int(os.lstat(path).st_mtime)
        if os.path.isdir(path):
            self.inodes.append(Directory(mtime))
            entries = []
            for name in sorted(os.listdir(path)):
                if self.inside(f"{path}/{name}"):
                    entries.append((name, len(self.inodes)))
                    self.read(f"{path}/{name}")
            self.inodes[inode].durable = (tuple(entries), mtime)
        else:
            with open(path, "rb") as f:
                self.inodes.append(File(f.read(), mtime))

    def find(self, path):
        """The inode of a path as it is now, or None."""
        root = next(r for r in self.roots if path == r or path.startswith(r + "/"))
        inode = dict(self.inodes[0].durable[0])[root]
        for name in path[len(root) + 1:].split("/") if path != root else []:
            if not isinstance(self.inodes[inode], Directory):
                return None
            inode = dict(self.inodes[inode].now()[0]).get(name)
            if inode is None:
                return None
        return inode

    def change(self, path, *change):
        self.inodes[self.find(path)].undone.append(change)

    def entry(self, path, *change):
        """A change of the directory that path lies in."""
        self.change(os.path.dirname(path), *change)

    def content(self, path):
        if path in self.clones:
            return self.clones[path]
        if self.inside(path):
            return self.inodes[self.find(path)].now()[0]
        with open(path, "rb") as f:
            return f.read()

    def apply(self, op):
        kind, path, *args = op
        if kind in ("create", "mkdir"):
            if self.find(path) is None:
                self.entry(path, "link", os.path.basename(path), len(self.inodes))
                self.inodes.append(File() if kind == "create" else Directory())
        elif kind == "unlink":
            self.entry(path, "unlink", os.path.basename(path))
        elif kind in ("rename", "exchange"):
            if os.path.dirname(path) != os.path.dirname(args[0]):
                raise ValueError(f"{op}: between two directories")
            self.entry(path, kind, os.path.basename(path), os.path.basename(args[0]))
        elif kind == "clone":
            if self.inside(path):
                self.change(path, "clone", self.content(args[0]))
            else:
                self.clones[path] = self.content(args[0])
        elif kind == "fsync":
            inode = self.inodes[self.find(path)]
            inode.durable, inode.undone = inode.now(), []
        else:
            self.change(path, kind, *args)

    def tree(self, choice):
        """{path: None for a directory, (content, mtime) for a file} with one state per inode."""
        found = {}

        def walk(path, inode):
            state = choice[inode]
            if isinstance(self.inodes[inode], File):
                found[path] = state
                return
            found[path] = (None, state[1])
            for name, child in state[0]:
                walk(f"{path}/{name}", child)

        for root, inode in self.inodes[0].durable[0]:
            walk(root, inode)
        return found

    def now(self):
        return self.tree([i.now() for i in self.inodes])

    def after_crash(self):
        """Every tree that a crash now may leave."""
        undone = [i for i, inode in enumerate(self.inodes) if inode.undone]
        variants = {i: self.inodes[i].variants() for i in undone}
        choice = [inode.durable for inode in self.inodes]
        for some in combinations(self.inodes, variants):
            for i, state in some.items():
                choice[i] = state
            yield self.tree(choice)


def combinations(inodes, variants):
    """One variant for each: all combinations, or if that is too many those of the directories with
    all files lost, all kept, and each file in each variant while the others are lost or kept."""
    count = 1
    for v in variants.values():
        count *= len(v)
    if count <= ALL_COMBINATIONS:
        for some in itertools.product(*variants.values()):
            yield dict(zip(variants, some))
        return
    files = {i: v for i, v in variants.items() if isinstance(inodes[i], File)}
    directories = {i: v for i, v in variants.items() if i not in files}
    for some in itertools.product(*directories.values()):
        for kept in File.lost, File.now:
            base = dict(zip(directories, some)) | {i: kept(inodes[i]) for i in files}
            yield base
            for i, v in files.items():
                for state in v:
                    yield base | {i: state}

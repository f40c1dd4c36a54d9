"""The cluster and its mounts, for walk.py: doing things, waiting, looking, comparing."""
import ctypes
import os
import signal
import subprocess
import time

from walk_model import HOLE, Instance, Rules
from walk_mount import Difference, Mount
from walk_truth import Truth

LIBC = ctypes.CDLL(None, use_errno=True)
PUNCH_HOLE = 3  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE


class Handle:
    def __init__(self, mount, inst, key, fd, export, promise):
        self.mount, self.inst, self.key, self.fd = mount, inst, key, fd
        self.export = export  # the Export that it reads, when known
        self.promise = promise  # else the T that it was opened for
        self.on_node = False  # opened below nodes/

    def __str__(self):
        of = self.export.t if self.export else self.promise
        return f"{self.inst.name} {self.key[0]}{'' if self.key[1] is None else self.key[1]} of {of}"


class World:
    def __init__(self, cluster, mount, runs, daemon, rnd):
        self.c, self.runs_file, self.rnd = cluster, runs, rnd
        self.rules = Rules()
        self.main, self.other = (Mount(at, cluster, daemon, self.wait) for at in (mount, f"{mount}.2"))
        self.instances, self.handles, self.story = {}, [], []
        self.inodes = {}  # path -> st_ino, for good
        self.shown = {}  # path, T -> st_size, for good
        self.expected_runs = 0
        self.offline = set()
        self.veto = False
        self.counts = {}
        for file in sorted(os.listdir(f"{cluster}/instances")):
            name = file.removesuffix(".ini")
            disks = self.disks_of(name)
            inst = Instance(name, name.startswith("run"), [os.path.getsize(d) for d in disks], self.rules)
            self.instances[name] = inst
            for j in range(len(disks)):
                self.write_disk(inst, j)

    # --- the walk's own words ---

    def begin(self, n, text):
        self.story.append(f"{n} {text}")
        self.counts[text] = self.counts.get(text, 0) + 1

    def say(self, text):
        self.story[-1] += f"; {text}"

    def fail(self, text):
        raise Difference(text)

    def summary(self):
        return ", ".join(f"{n} {step}" for step, n in sorted(self.counts.items()))

    def wait(self, what, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.fail(f"never: {what}")
            time.sleep(0.02)

    # --- the mounts ---

    def mounts(self):
        return [m for m in (self.main, self.other) if m.process]

    def pick_mount(self):
        mount = self.rnd.choice(self.mounts())
        if mount is self.other:
            self.say("second mount")
        return mount

    def start(self, mount):
        mount.start(self.rules.options())

    def forget(self, mount):
        """What only its process knew is gone."""
        for inst in self.instances.values():
            inst.failed.pop(mount, None)

    def runs(self):
        with open(self.runs_file, encoding="utf-8") as f:
            return len(f.readlines())

    def settle(self):
        self.wait("idle", lambda: all(m.idle() for m in self.mounts()))

    def wait_shown(self, what, condition):
        """condition(mount) of all mounts."""
        for mount in self.mounts():
            self.wait(what, lambda mount=mount: condition(mount))

    # --- what lies in the cluster ---

    def disks_of(self, name):
        with open(f"{self.c}/instances/{name}.ini", encoding="utf-8") as f:
            return [line.split("= ")[1].strip() for line in f if "_path = " in line]

    def write_disk(self, inst, disk):
        """As a guest does, or an administrator: a new generation, with other holes."""
        inst.generations[disk] += 1
        content = inst.content(disk)
        with open(self.disks_of(inst.name)[disk], "r+b", buffering=0) as f:
            f.write(content)
            for at in range(0, len(content) - HOLE + 1, HOLE):
                if not any(content[at:at + HOLE]):
                    LIBC.fallocate(f.fileno(), PUNCH_HOLE, ctypes.c_long(at), ctypes.c_long(HOLE))
        inst.disk_changed()

    def nodes(self):
        return sorted(os.listdir(f"{self.c}/nodes"))

    def export_dir(self, node, name):
        return f"{self.c}/nodes/{node}/export/{name}"

    def where(self, name):
        """The nodes on which a copy lies."""
        return [n for n in self.nodes() if os.path.isdir(self.export_dir(n, name))]

    def having_export(self):
        return [i for i in self.instances.values() if i.export and i.export.node not in self.offline]

    def write_params(self, inst, text):
        """Through all mounts: readers of each may try again at once."""
        for mount in self.mounts():
            with open(mount.path(f"instances/{inst.name}/params"), "w", encoding="utf-8") as f:
                f.write(text)
        inst.failed.clear()

    # --- looking ---

    def files(self, inst):
        """key, path of the files of an image."""
        base = f"instances/{inst.name}/export"
        yield ("tar", None), f"images/{inst.name}.tar"
        yield ("config", None), f"{base}/config.ini"
        yield ("sums", None), f"{base}/XXH128SUMS"
        for j in range(len(inst.sizes)):
            yield ("disk", j), f"{base}/disk{j}.raw"

    def look(self, inst):
        """stat of all files of an image; the model judges the version.  All mounts say the same."""
        seen = set()
        for key, path in self.files(inst):
            st = os.stat(self.main.path(path))
            if st.st_mtime_ns != st.st_ctime_ns or st.st_mtime_ns % 1000000000:
                self.fail(f"{path}: mtime {st.st_mtime_ns}, ctime {st.st_ctime_ns}")
            if self.inodes.setdefault(path, st.st_ino) != st.st_ino:
                self.fail(f"{path}: inode {st.st_ino} was {self.inodes[path]}")
            t = int(st.st_mtime) - (key[0] == "sums")
            if self.shown.setdefault((path, t), st.st_size) != st.st_size:
                self.fail(f"{path}: {st.st_size} bytes under {t}, it was {self.shown[path, t]}")
            self.check_size(inst, key, path, st, t)
            seen.add(t)
        if len(seen) != 1:
            self.fail(f"{inst.name}: files of different versions: {seen}")
        inst.saw(seen.pop(), self.fail)
        if self.other.process:
            for _, path in self.files(inst):
                self.wait(f"{path}: two mounts agree", lambda path=path: self.same(path))

    def check_size(self, inst, key, path, st, t):
        published = inst.export and t == inst.export.t
        if published:
            size = len(inst.export.truth.bytes[key])
            inst.export.truth.check_blocks(path, key, st.st_blocks)
        elif key[0] == "disk":
            size = inst.sizes[key[1]]
        else:
            size = st.st_size
        if st.st_size != size:
            self.fail(f"{path}: {st.st_size} bytes, not {size}")
        if not published and key[0] in ("disk", "tar") and st.st_blocks * 512 >= st.st_size:
            self.fail(f"{path}: {st.st_blocks} blocks of {st.st_size} bytes, nobody would look for holes")

    def same(self, path):
        """A T that was given up through one mount is noticed by the other at the next open."""
        seen = [promised(mount.path(path)) for mount in (self.main, self.other)]
        if seen[0] != seen[1]:
            os.close(os.open(self.other.path(path), os.O_RDONLY))
        return seen[0] == seen[1]

    def notice_given_up(self, inst):
        for mount in self.mounts():
            os.close(os.open(mount.path(f"images/{inst.name}.tar"), os.O_RDONLY))

    def compare(self):
        """After every step: the runs, and what stat says of two instances."""
        self.settle()
        if self.runs() != self.expected_runs:
            self.fail(f"{self.runs()} runs were made, not {self.expected_runs}")
        for inst in self.rnd.sample(sorted(self.instances.values(), key=lambda i: i.name), 2):
            self.look(inst)

    # --- a run ---

    def tar_on(self, node, inst, t):
        """The bytes of nodes/NODE/images/NAME.tar, once the mount has seen all of that export."""
        path = self.main.path(f"nodes/{node}/images/{inst.name}.tar")
        sums = self.main.path(f"nodes/{node}/exports/{inst.name}/XXH128SUMS")
        self.wait(f"{path} of {t}", lambda: os.path.exists(path) and os.stat(path).st_mtime == t and
                  os.path.exists(sums) and os.stat(sums).st_mtime == t)
        with open(path, "rb") as f:
            return f.read()

    def published(self, inst, started, by, t=None):
        """A run of the mount `by` must have ended well: what lies where now?"""
        nodes = [n for n in self.where(inst.name) if n not in self.offline]
        old = inst.export
        stamp = {n: os.path.getmtime(f"{self.export_dir(n, inst.name)}/config.ini") for n in nodes}
        found = [n for n in nodes if not old or stamp[n] != old.t]
        if len(found) != 1:
            self.fail(f"{inst.name}: its new export lies on {found}")
        node, seen = found[0], int(stamp[found[0]])
        if t and seen != t:
            self.fail(f"{inst.name}: published under {seen}, promised was {t}")
        if seen in inst.given_up or (old and seen <= old.t):
            self.fail(f"{inst.name}: published under {seen}, which was given up or is not later")
        if len(nodes) > 1:
            self.fail(f"{inst.name}: stale copies on {nodes}, besides {node}")
        tar = self.tar_on(node, inst, seen)
        truth = Truth(self.export_dir(node, inst.name), inst, tar, self.fail)
        inst.published(seen, node, started, truth, by)
        self.wait_shown(f"{inst.name} shows {seen}", lambda m: int(
            os.stat(m.path(f"images/{inst.name}.tar")).st_mtime) == seen)

    # --- handles ---

    def close(self, handle):
        os.close(handle.fd)
        self.handles.remove(handle)

    def close_all(self, mount):
        for handle in [h for h in self.handles if h.mount is mount]:
            self.close(handle)

    def at_rest(self):
        """In the end: everything whole, nothing left over, who ran runs."""
        self.settle()
        self.compare()
        for node in self.nodes():
            left = [f for f in os.listdir(f"{self.c}/nodes/{node}/export") if f.startswith(".")]
            if left:
                self.fail(f"left over on {node}: {left}")
        for inst in self.instances.values():
            if inst.running != os.path.exists(f"{self.c}/state/fake/{inst.name}"):
                self.fail(f"{inst.name}: running is not {inst.running}")
            for node in self.where(inst.name):
                subprocess.run(["xxhsum", "-c", "--quiet", "XXH128SUMS"], check=True,
                               cwd=self.export_dir(node, inst.name))
        for mount in self.mounts():
            if "\nlock: " in mount.text("status"):
                self.fail("a lock is held")


def promised(path):
    st = os.stat(path)
    return st.st_size, st.st_mtime, st.st_ctime, st.st_ino


def within_a_minute(function, *arguments):
    """(result, errno); a hang ends the walk."""
    signal.alarm(60)
    try:
        return function(*arguments), 0
    except OSError as e:
        return None, e.errno
    finally:
        signal.alarm(0)

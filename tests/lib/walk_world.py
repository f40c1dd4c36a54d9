"""The cluster and its mount, for walk.py: doing things, waiting, looking, comparing."""
import errno
import io
import os
import signal
import subprocess
import tarfile
import time

from walk_model import Instance

OPTIONS = "max_age=3600,linger=0,retry_after=3600,max_jobs=4"


class Difference(Exception):
    """The mount and the model differ."""


class Handle:
    def __init__(self, inst, kind, disk, fd, export, promise):
        self.inst, self.kind, self.disk, self.fd = inst, kind, disk, fd
        self.export = export  # the Export that it reads, when known
        self.promise = promise  # else the T that it was opened for


class World:
    def __init__(self, cluster, mount, runs, daemon, rnd):
        self.c, self.m, self.runs_file, self.gnt, self.rnd = cluster, mount, runs, daemon, rnd
        self.process = None
        self.instances, self.handles, self.story = {}, [], []
        self.inodes = {}  # path -> st_ino, for good
        self.expected_runs = 0
        self.offline = set()
        self.veto = False
        self.counts = {}
        for file in sorted(os.listdir(f"{cluster}/instances")):
            name = file.removesuffix(".ini")
            disks = self.disks_of(name)
            inst = Instance(name, name.startswith("run"), [os.path.getsize(d) for d in disks])
            self.instances[name] = inst
            for j in range(len(disks)):
                self.write_disk(inst, j)

    # --- the mount ---

    def start(self):
        self.process = subprocess.Popen([self.gnt, "-f", "-o", OPTIONS, self.c, self.m])
        self.wait("the mount is there", lambda: os.path.ismount(self.m))

    def stop(self):
        self.close_all()
        if self.process:
            subprocess.run(["umount", "-l", self.m], check=False)
            try:
                if self.process.wait(30) != 0:
                    raise Difference(f"the daemon ended with {self.process.returncode}")
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise Difference("the daemon does not end") from None
            self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None
        for handle in self.handles:
            try:
                os.close(handle.fd)
            except OSError as e:
                if e.errno != errno.ENOTCONN:
                    raise
        self.handles.clear()
        subprocess.run(["umount", "-l", self.m], check=False)

    # --- looking ---

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

    def runs(self):
        with open(self.runs_file, encoding="utf-8") as f:
            return len(f.readlines())

    def text(self, path):
        with open(f"{self.m}/{path}", encoding="utf-8") as f:
            return f.read()

    def idle(self):
        status = self.text("status")
        return "\njobs_running: 0\n" in status and "\njobs_queued: 0\n" in status

    def settle(self):
        self.wait("idle", self.idle)

    def disks_of(self, name):
        with open(f"{self.c}/instances/{name}.ini", encoding="utf-8") as f:
            return [line.split("= ")[1].strip() for line in f if "_path = " in line]

    def write_disk(self, inst, disk):
        """As a guest does, or an administrator: a new generation."""
        inst.generations[disk] += 1
        with open(self.disks_of(inst.name)[disk], "r+b") as f:
            f.write(inst.content(disk))
        inst.disk_changed()

    def export_dir(self, node, name):
        return f"{self.c}/nodes/{node}/export/{name}"

    def where(self, name):
        """The nodes on which a copy lies."""
        return [n for n in sorted(os.listdir(f"{self.c}/nodes"))
                if os.path.isdir(self.export_dir(n, name))]

    # --- paths of an instance's image: kind, disk, path ---

    def files(self, inst):
        base = f"instances/{inst.name}/export"
        yield "tar", None, f"images/{inst.name}.tar"
        yield "config", None, f"{base}/config.ini"
        yield "sums", None, f"{base}/XXH128SUMS"
        for j in range(len(inst.sizes)):
            yield "disk", j, f"{base}/disk{j}.raw"

    def look(self, inst):
        """stat of all files of an image; the model judges the version."""
        seen = set()
        for kind, disk, path in self.files(inst):
            st = os.stat(f"{self.m}/{path}")
            if st.st_mtime_ns != st.st_ctime_ns or st.st_mtime_ns % 1000000000:
                self.fail(f"{path}: mtime {st.st_mtime_ns}, ctime {st.st_ctime_ns}")
            if self.inodes.setdefault(path, st.st_ino) != st.st_ino:
                self.fail(f"{path}: inode {st.st_ino} was {self.inodes[path]}")
            e = inst.export
            fresh_size = e.sizes if e and st.st_mtime == e.t else inst.sizes
            if kind == "disk" and st.st_size != fresh_size[disk]:
                self.fail(f"{path}: {st.st_size} bytes, not {fresh_size[disk]}")
            seen.add(int(st.st_mtime) - (kind == "sums"))
        if len(seen) != 1:
            self.fail(f"{inst.name}: files of different versions: {seen}")
        inst.saw(seen.pop(), self.fail)

    def compare(self):
        """After every step: the runs, and what stat says of one instance."""
        self.settle()
        if self.runs() != self.expected_runs:
            self.fail(f"{self.runs()} runs were made, not {self.expected_runs}")
        for inst in self.rnd.sample(sorted(self.instances.values(), key=lambda i: i.name), 2):
            self.look(inst)

    # --- a run ---

    def pull(self, inst):
        """The whole tar of a fresh export: right in itself, and by the model."""
        with open(f"{self.m}/images/{inst.name}.tar", "rb") as f:
            data = f.read()
        e = inst.export
        if e.tar is not None:
            if e.tar != data:
                self.fail(f"{inst.name}: the tar of {e.t} has other bytes than before")
            return
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            names = [m.name for m in tar.getmembers()]
            wanted = ["config.ini"] + [f"disk{j}.raw" for j in range(len(e.sizes))] + ["XXH128SUMS"]
            if names != [f"{inst.name}/{n}" for n in wanted]:
                self.fail(f"{inst.name}: members {names}")
            for j, size in enumerate(e.sizes):
                found = tar.extractfile(f"{inst.name}/disk{j}.raw").read()
                if found != inst.content(j, e.generations[j], size):
                    self.fail(f"{inst.name}: disk{j} is not of generation {e.generations[j]}: "
                              f"{found[:60]!r}")
        e.tar = data

    def published(self, inst, started, t=None):
        """A run must have ended well: what lies where now?"""
        nodes = [n for n in self.where(inst.name) if n not in self.offline]
        old = inst.export
        found = [n for n in nodes
                 if not old or os.path.getmtime(self.export_dir(n, inst.name) + "/config.ini") != old.t]
        if len(found) != 1:
            self.fail(f"{inst.name}: its new export lies on {found}")
        seen = int(os.path.getmtime(self.export_dir(found[0], inst.name) + "/config.ini"))
        if t and seen != t:
            self.fail(f"{inst.name}: published under {seen}, promised was {t}")
        if seen in inst.given_up or (old and seen <= old.t):
            self.fail(f"{inst.name}: published under {seen}, which was given up or is not later")
        stale = [n for n in nodes if n != found[0]]
        if stale:
            self.fail(f"{inst.name}: stale copies on {stale}")
        inst.published(seen, found[0], started)
        self.wait(f"{inst.name} shows {seen}", lambda: int(
            os.stat(f"{self.m}/images/{inst.name}.tar").st_mtime) == seen)

    # --- handles ---

    def open(self, path):
        fd = os.open(f"{self.m}/{path}", os.O_RDONLY)
        return fd

    def close(self, handle):
        os.close(handle.fd)
        self.handles.remove(handle)

    def close_all(self):
        for handle in list(self.handles):
            self.close(handle)

    def read(self, fd, size, at):
        """(bytes, errno), never longer than a minute."""
        signal.alarm(60)
        try:
            return os.pread(fd, size, at), 0
        except OSError as e:
            return b"", e.errno
        finally:
            signal.alarm(0)

    def at_rest(self):
        """In the end: everything whole, nothing left over, who ran runs."""
        self.settle()
        self.compare()
        for node in os.listdir(f"{self.c}/nodes"):
            left = [f for f in os.listdir(f"{self.c}/nodes/{node}/export") if f.startswith(".")]
            if left:
                self.fail(f"left over on {node}: {left}")
        for inst in self.instances.values():
            if inst.running != os.path.exists(f"{self.c}/state/fake/{inst.name}"):
                self.fail(f"{inst.name}: running is not {inst.running}")
            for node in self.where(inst.name):
                subprocess.run(["xxhsum", "-c", "--quiet", "XXH128SUMS"], check=True,
                               cwd=self.export_dir(node, inst.name))
        if "\nlock: " in self.text("status"):
            self.fail("a lock is held")


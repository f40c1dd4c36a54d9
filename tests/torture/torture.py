#!/usr/bin/env python3
"""Each fallible call of an export fails once.

    torture.py --daemon PROGRAM --cluster DIRECTORY [--point SCENARIO/WHOSE/CLASS/N] [--class CLASS]
        [--whose run|rest] [--sample SECONDS] [--lives N]

PROGRAM is the daemon with failing.c linked in.  For each scenario the calls of one export are
counted, by class: those of the run of the LU itself, and the rest, of all other threads meanwhile.
Then the export runs once for each call, which fails.  After it
  - the daemon lives and answers, the run has ended,
  - the instance is running,
  - what lies under the name is an old export or the new one, whole; if success was told, the new,
  - a reader got the whole image or an error;
and after another export without a failure
  - that has succeeded, it is the new one, alone, with nothing hidden beside it,
  - nothing is noted in the journal, no removal is pending, no lock is held,
  - as many files are open as before.
When it is unmounted the daemon ends with status 0 (so a sanitizer has nothing to say).

--sample: evenly spread over all, others each day, until that time is over.  --lives: unmount and
start again after so many points.
"""
import argparse
import collections
import ctypes
import errno
import io
import mmap
import os
import shutil
import subprocess
import sys
import tarfile
import time

CLASSES = {
    "memory": [errno.ENOMEM],
    "open": [errno.EMFILE, errno.EIO],
    "read": [errno.EIO],
    "write": [errno.ENOSPC, errno.EIO],
    "sync": [errno.EIO],
    "name": [errno.EIO],
    "stat": [errno.EIO],
    "clone": [errno.EIO, errno.ENOSPC],
    "lock": [errno.ENOLCK],
    "start": [errno.EAGAIN],
}
WHOSE = ["rest", "run"]  # as failing.h counts them
OPTIONS = "shutdown,linger=0,max_age=0,retry_after=0,lock_timeout=20,stall=60"
PATIENCE = 90  # seconds, for whatever must happen in the end
GIVE_UP = 8  # violations


class Control(ctypes.Structure):
    """struct failing of failing.h."""
    _fields_ = [("armed", ctypes.c_uint32), ("in_run", ctypes.c_uint32), ("which", ctypes.c_uint32),
                ("at", ctypes.c_uint32), ("error", ctypes.c_uint32), ("failed", ctypes.c_uint32),
                ("offset", ctypes.c_uint32), ("count", ctypes.c_uint32 * len(CLASSES) * 2),
                ("call", ctypes.c_char * 32)]


class Violation(Exception):
    pass


def need(true, what):
    if not true:
        raise Violation(what)


def until(what, condition):
    """It becomes true in the end."""
    end = time.monotonic() + PATIENCE
    seen = condition()
    while not seen:
        if time.monotonic() > end:
            raise Violation(f"{what}: not after {PATIENCE} seconds")
        time.sleep(0.01)
        seen = condition()


class Daemon:
    def __init__(self, o):
        self.o, self.mnt = o, o.cluster + ".mnt"
        self.control_file = o.cluster + ".torture"
        with open(self.control_file, "w+b") as f:
            f.truncate(ctypes.sizeof(Control))
            self.control = Control.from_buffer(mmap.mmap(f.fileno(), ctypes.sizeof(Control)))
        self.log = open(o.cluster + ".daemon.log", "w+", encoding="utf-8", errors="replace")
        self.process = None

    def start(self):
        os.makedirs(self.mnt, exist_ok=True)
        self.process = subprocess.Popen(
            [self.o.daemon, "-f", "-o", OPTIONS, self.o.cluster, self.mnt],
            env=dict(os.environ, TORTURE=self.control_file), stdout=self.log, stderr=self.log)
        until("mounts", lambda: os.path.ismount(self.mnt) or self.process.poll() is not None)
        need(os.path.ismount(self.mnt), f"the daemon mounts: {self.said()}")

    def stop(self):
        subprocess.run(["umount", self.mnt], check=False, stderr=subprocess.DEVNULL)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = "none"
        self.kill()
        need(status == 0, f"the daemon ends with status {status}: {self.said()}")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
            subprocess.run(["umount", "-l", self.mnt], check=False, stderr=subprocess.DEVNULL)

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()[-6000:]

    def text(self, path):
        """What a file of the mount says; None when that fails (it may be what is made to fail)."""
        try:
            with open(f"{self.mnt}/{path}", encoding="utf-8") as f:
                return f.read()
        except OSError:
            need(self.process.poll() is None, f"the daemon died: {self.said()}")
            return None

    def idle(self):
        lines = (self.text("status") or "").splitlines()
        return "jobs_running: 0" in lines and "jobs_queued: 0" in lines

    def files(self):
        """What is open, by kind; the kernel's connection has one for each thread."""
        fds = collections.Counter()
        for fd in os.listdir(f"/proc/{self.process.pid}/fd"):
            try:
                to = os.readlink(f"/proc/{self.process.pid}/fd/{fd}")
            except OSError:
                continue
            if to != "/dev/fuse":
                fds[to.split(":")[0] if ":" in to else to] += 1
        return fds

    def arm(self, whose=0, which=0, at=0, error=0):
        ctypes.memset(ctypes.byref(self.control), 0, ctypes.sizeof(Control))
        c = self.control
        c.in_run, c.which, c.at, c.error = whose, which, at, error
        c.armed = 1

    def disarm(self):
        self.control.armed = 0
        return bool(self.control.failed)

    def where(self):
        """Of the call that failed, for people."""
        if not self.control.failed:
            return "a call that did not come"
        line = subprocess.run(["addr2line", "-e", self.o.daemon, "-f", "-s", "-p",
                               hex(self.control.offset - 1)], text=True, check=False,
                              stdout=subprocess.PIPE).stdout.strip() if shutil.which("addr2line") else "?"
        return f"{self.control.call.decode()} in {line}"


class Scenario:
    """An instance, with what an export of it is to be."""

    def __init__(self, o, daemon, name):
        self.o, self.d, self.name = o, daemon, f"{name}.example.com"
        self.disks = [f for f in self.ini() if f]
        self.version, self.open_files, self.waited = 0, None, 0
        self.nodes = {n: self.export_dir(n) for n in sorted(os.listdir(f"{o.cluster}/nodes"))}

    def ini(self):
        with open(f"{self.o.cluster}/instances/{self.name}.ini", encoding="utf-8") as f:
            return [line.split(" = ")[1].strip() for line in f if "_path = " in line]

    def export_dir(self, node):
        ini = f"{self.o.cluster}/nodes/{node}/node.ini"
        if os.path.exists(ini):
            with open(ini, encoding="utf-8") as f:
                for line in f:
                    if line.startswith("export_dir = "):
                        return line.split(" = ")[1].strip()
        return f"{self.o.cluster}/nodes/{node}/export"

    def change(self):
        """The disks are another version now."""
        self.version += 1
        for disk in self.disks:
            with open(disk, "r+b") as f:
                f.seek(777)
                f.write(self.version.to_bytes(4, "little"))

    def version_of(self, files):
        """Which version files (name -> bytes) are; None when they are none."""
        versions = set()
        for j, disk in enumerate(self.disks):
            got = files.get(f"disk{j}.raw")
            with open(disk, "rb") as f:
                now = f.read()
            if got is None or len(got) != len(now) or got[:777] + got[781:] != now[:777] + now[781:]:
                return None
            versions.add(int.from_bytes(got[777:781], "little"))
        if b"name = " + self.name.encode() not in files.get("config.ini", b""):
            return None
        return versions.pop() if len(versions) == 1 else None

    def lying(self):
        """{node: version}; whole all of them."""
        found = {node: self.lying_in(node, f"{root}/{self.name}") for node, root in self.nodes.items()}
        return {node: version for node, version in found.items() if version is not None}

    def lying_in(self, node, top):
        """None: nothing; looks again when it was replaced or removed meanwhile."""
        while os.path.isdir(top):
            try:
                fd = os.open(top, os.O_DIRECTORY)
            except FileNotFoundError:
                continue
            try:
                problem = self.look(f"/proc/self/fd/{fd}")
                if os.path.isdir(top) and os.path.samestat(os.fstat(fd), os.stat(top)):
                    need(not isinstance(problem, str), f"{node}: the export is whole: {problem}")
                    return problem
            except FileNotFoundError:
                pass
            finally:
                os.close(fd)
        return None

    def look(self, top):
        """The version of what lies there, or what is wrong with it."""
        files = {}
        for name in os.listdir(top):
            with open(f"{top}/{name}", "rb") as f:
                files[name] = f.read()
        version = self.version_of(files)
        if version is None:
            return f"no version of {sorted(files)}"
        sums = subprocess.run(["xxhsum", "-c", "--quiet", "XXH128SUMS"], cwd=top, check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return version if sums.returncode == 0 or "XXH128SUMS" not in files else sums.stdout

    def hidden(self):
        found = []
        for root in self.nodes.values():
            for entry in os.listdir(root):
                inside = os.listdir(f"{root}/{entry}")
                found += [entry] if entry.startswith(".") else [f for f in inside if f.startswith(".")]
        return found

    def noted(self):
        found = []
        for area in "journal", "pending":
            directory = f"{self.o.cluster}/state/{area}"
            found += [f for f in os.listdir(directory) if f[0] != "."] if os.path.isdir(directory) else []
        return found

    def running(self):
        return os.path.exists(f"{self.o.cluster}/state/fake/{self.name}")

    def told_success(self):
        status = self.d.text(f"instances/{self.name}/status") or ""
        return "\nstate: finished" in "\n" + status

    def good(self):
        """One export without a failure, and nothing is left of any before it."""
        asked = time.monotonic()
        until("the next export can be asked for", lambda: self.export() is not False)
        self.waited = max(self.waited, time.monotonic() - asked)
        until("idle", self.d.idle)
        log = self.d.text(f"instances/{self.name}/log")
        need(self.lying().get(self.target()) == self.version, f"the next export succeeds: {log}")
        until("it is the only one", lambda: set(self.lying()) == {self.target()})
        until("nothing is noted", lambda: not self.noted())
        until("nothing hidden is left", lambda: not self.hidden())
        until("no lock is held", lambda: "\nlock:" not in (self.d.text("status") or "\nlock:"))
        need(self.running(), "the instance is running")
        if self.open_files is None:
            self.open_files = sum(self.d.files().values())
        until(f"{self.open_files} files are open: {self.d.files()}",
              lambda: sum(self.d.files().values()) <= self.open_files)

    def export(self):
        raise NotImplementedError

    def target(self):
        raise NotImplementedError

    def one(self, whose, which, at, error):
        """An export in which that call fails.  False: there was no such call."""
        before = self.lying()
        self.change()
        self.next()
        self.d.arm(whose, which, at, error)
        told = self.export()
        until("the run ends", self.d.idle)
        failed = self.d.disarm()
        need(self.d.process.poll() is None, f"the daemon lives: {self.d.said()}")
        told = self.told_success() if told is None else told
        until("the instance is running", self.running)
        lying = self.lying()
        need(lying, "an export is there")
        need(set(lying.values()) <= {self.version, *before.values()}, f"old or new: {lying}")
        if failed and told:
            need(lying.get(self.target()) == self.version, f"the new one, for success was told: {lying}")
        self.good()
        return failed

    def next(self):
        pass


class Touched(Scenario):
    """Stopped, copied and started again, for a touch; to the one node, then to the other."""
    at = 1

    def target(self):
        return list(self.nodes)[self.at]

    def next(self):
        self.at = 3 - self.at

    def export(self):
        path = f"{self.d.mnt}/nodes/{self.target()}/images/{self.name}.tar"
        if subprocess.run(["touch", path], check=False, stderr=subprocess.DEVNULL).returncode:
            return False
        return None


class Read(Scenario):
    """Cloned, replaced in its place, for a reader; then hashed."""

    def target(self):
        return list(self.nodes)[1]

    def export(self):
        try:
            with open(f"{self.d.mnt}/images/{self.name}.tar", "rb") as f:
                size = os.fstat(f.fileno()).st_size
                data = f.read()
        except OSError:
            return False
        need(size and len(data) == size, f"{len(data)} bytes were read of {size}")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            files = {m.name.split("/")[1]: tar.extractfile(m).read() for m in tar}
        version = self.version_of(files)
        need(version is not None and "XXH128SUMS" in files, f"the reader got a whole image: {sorted(files)}")
        return version == self.version


def points(o, scenarios):
    """[(scenario, whose, class, at)] of all calls that one export of each makes."""
    found = []
    for scenario, s in scenarios.items():
        s.d.arm()
        s.change()
        s.next()
        s.export()
        until("the run ends", s.d.idle)
        s.d.disarm()
        counts = [[list(c)[i] for c in s.d.control.count] for i in range(len(CLASSES))]
        s.good()
        for i, name in enumerate(CLASSES):
            for whose in 1, 0:
                if (o.whose or WHOSE[whose]) == WHOSE[whose] and (o.cls or name) == name:
                    found += [(scenario, whose, name, n + 1) for n in range(counts[i][whose])]
    return found


def wanted(o, scenarios):
    if o.point:
        scenario, whose, name, at = o.point.split("/")
        return [(scenario, WHOSE.index(whose), name, int(at))]
    found = points(o, scenarios)
    if o.sample:
        # whenever the time is over, those that were tried lie evenly among all
        day, bits = int(time.time() / 86400), 12
        turn = [int(f"{(i + day) % (1 << bits):0{bits}b}"[::-1], 2) for i in range(len(found))]
        found = [p for _, p in sorted(zip(turn, found))]
    return found


class Torture:
    def __init__(self, o):
        self.o, self.d = o, Daemon(o)
        self.tried, self.survived = collections.Counter(), collections.Counter()
        self.end = time.monotonic() + o.sample if o.sample else None

    def scenarios(self):
        found = {"touch": Touched(self.o, self.d, "stop"), "read": Read(self.o, self.d, "live")}
        self.d.start()
        for name, text in (("stop", "long_sleep = True\n"),
                           ("live", "shutdown = False\ntarget_node = node2.example.com\n")):
            with open(f"{self.d.mnt}/instances/{name}.example.com/params", "w", encoding="utf-8") as f:
                f.write(text)
        for s in found.values():
            s.change()
            s.good()
        for s in found.values():
            s.open_files = None
            s.good()
        return found

    def one(self, scenarios, point, number):
        scenario, whose, name, at = point
        error = CLASSES[name][at % len(CLASSES[name])]
        group = f"{scenario}/{WHOSE[whose]}/{name}"
        try:
            failed = scenarios[scenario].one(whose, list(CLASSES).index(name), at, error)
            if number % self.o.lives == self.o.lives - 1:
                self.d.stop()
                self.d.start()
                print(f"# {number + 1} done")
        except Violation as e:
            print(f"not ok - POINT={group}/{at}, {errno.errorcode[error]} of {self.d.where()}: {e}")
            sys.stdout.flush()
            self.tried[group] += 1
            return False
        if failed:
            self.tried[group] += 1
            self.survived[group] += 1
        if self.o.point:
            print(f"# {errno.errorcode[error]} of {self.d.where()}" if failed else "# there was no such call")
        return True

    def all(self):
        scenarios, bad = self.scenarios(), 0
        todo = wanted(self.o, scenarios)
        print(f"# {len(todo)} points")
        for number, point in enumerate(todo):
            if self.end and time.monotonic() > self.end:
                break
            if not self.one(scenarios, point, number):
                bad += 1
                self.d.kill()
                if bad == GIVE_UP:
                    break
                self.clear(scenarios)
                scenarios = self.scenarios()
        if bad < GIVE_UP:
            self.d.stop()
        for group, n in self.tried.items():
            verdict = "ok" if n == self.survived[group] else "not ok"
            print(f"{verdict} - {group}: points tried {n}, survived {self.survived[group]}")
        print(f"# the longest that an export could not be asked for: {max(s.waited for s in scenarios.values()):.1f} s")
        print(f"# points tried {sum(self.tried.values())}, survived {sum(self.survived.values())}")
        return 1 if bad or not self.tried else 0

    def clear(self, scenarios):
        """After one that was not survived."""
        for s in scenarios.values():
            open(f"{self.o.cluster}/state/fake/{s.name}", "w", encoding="utf-8").close()
            for root in s.nodes.values():
                for entry in os.listdir(root):
                    shutil.rmtree(f"{root}/{entry}")
        for area in "journal", "pending":
            shutil.rmtree(f"{self.o.cluster}/state/{area}", ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--point")
    parser.add_argument("--class", dest="cls", choices=list(CLASSES))
    parser.add_argument("--whose", choices=WHOSE)
    parser.add_argument("--sample", type=float)
    parser.add_argument("--lives", type=int, default=10 ** 9)
    torture = Torture(parser.parse_args())
    try:
        return torture.all()
    except Violation as e:
        print(f"not ok - before any point, or at the end: {e}")
        return 1
    finally:
        torture.d.kill()


if __name__ == "__main__":
    sys.exit(main())

"""A cluster whose mounts are killed, for kills.py: its instances, its mounts, and what must hold.

Every disk has a version, and its content follows from it; so an export is told to be a whole one of
some version, or not, by its bytes alone.
"""
import configparser
import glob
import hashlib
import os
import random
import subprocess
import time

OPTIONS = "shutdown,allow_remove_instance,linger=0,max_age=0,retry_after=0,max_jobs=4"
NODES = ("node1", "node2", "node3")
DELAYED = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdirat,fadvise64"
SIZES = (300000, 123457)
PATIENCE = 60  # seconds for what must come; machines are slow


class Broken(Exception):
    """What must hold does not."""


def content(name, disk, version):
    data = bytearray(random.Random(f"{name}/{disk}/{version}").randbytes(SIZES[disk]))
    data[65536:98304] = bytes(32768)
    return bytes(data)


class Instance:
    def __init__(self, world, name, ini):
        self.w, self.name, self.ini = world, name, ini
        parsed = configparser.ConfigParser(interpolation=None, strict=False)
        parsed.read_string(ini)
        self.up = parsed["instance"]["admin_state"] == "up"
        self.disks = [parsed["instance"][f"disk{j}_path"] for j in range(len(SIZES))]
        self.removable = name.startswith("gone")
        self.version = 0  # of the disks
        self.exported = None  # the version of the last export that was seen

    def ini_file(self):
        return f"{self.w.c}/instances/{self.name}.ini"

    def state_file(self):
        return f"{self.w.c}/state/fake/{self.name}"

    def known(self):
        return os.path.exists(self.ini_file())

    def running(self):
        return os.path.exists(self.state_file())

    def renew(self):
        """The next version of the disks; what was removed is there again."""
        self.version += 1
        for j, path in enumerate(self.disks):
            with open(path, "wb") as f:
                f.write(content(self.name, j, self.version))
        if not self.known():
            if self.up:
                open(self.state_file(), "wb").close()
            self.edit()

    def edit(self):
        """As an administrator does it: another file in its place."""
        aside = f"{self.w.c}/instances/.{self.name}.new"
        with open(aside, "w", encoding="utf-8") as f:
            f.write(self.ini + f"\n# {self.w.rnd.random()}\n")
        os.rename(aside, self.ini_file())


class World:
    def __init__(self, cluster, top, daemon, rnd):
        self.c, self.top, self.gnt, self.rnd = cluster, top, daemon, rnd
        self.mounts = {}  # where -> process
        self.n = 0
        self.traced = subprocess.run(self.trace(1) + ["true"], check=False,
                                     stderr=subprocess.DEVNULL).returncode == 0
        self.instances = {}
        for file in sorted(glob.glob(f"{cluster}/instances/*.ini")):
            with open(file, encoding="utf-8") as f:
                inst = Instance(self, os.path.basename(file).removesuffix(".ini"), f.read())
            self.instances[inst.name] = inst
            inst.renew()

    # --- mounts ---

    @staticmethod
    def trace(ms):
        return ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e",
                f"trace={DELAYED}", "-e", f"inject={DELAYED}:delay_enter={ms * 1000}"]

    def mount(self, delay_ms=0):
        """delay_ms: before every call that changes something, so that there is time in between."""
        self.n += 1
        at = f"{self.top}/m{self.n}"
        os.mkdir(at)
        command = [self.gnt, "-f", "-o", OPTIONS, self.c, at]
        if delay_ms and self.traced:
            command = self.trace(delay_ms) + command
        with open(f"{self.top}/daemon.log", "ab") as log:
            self.mounts[at] = subprocess.Popen(command, stdout=log, stderr=log)
        self.wait(f"{at} is mounted", lambda: os.path.ismount(at))
        return at

    def gone(self, at):
        subprocess.run(["umount", "-l", at], check=False, stderr=subprocess.DEVNULL)
        os.rmdir(at)

    def kill(self, at):
        process = self.mounts.pop(at)
        if process.poll() is not None:
            raise Broken(f"the daemon of {at} has ended with {process.returncode}")
        process.kill()
        process.wait()

    def unmount(self, at):
        process = self.mounts.pop(at)
        self.gone(at)
        try:
            if process.wait(PATIENCE) != 0:
                raise Broken(f"the daemon of {at} ended with {process.returncode}")
        except subprocess.TimeoutExpired:
            process.kill()
            raise Broken(f"the daemon of {at} does not end") from None

    # --- doing ---

    @staticmethod
    def wait(what, condition, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while True:
            seen = condition()
            if seen is True:
                return
            if time.monotonic() > end:
                raise Broken(f"never: {what}: {seen}")
            time.sleep(0.01)

    def bring_back(self, *instances):
        """Those that were removed are there again, for every mount; none takes the old for the new."""
        for inst in instances:
            seen = [f"{at}/instances/{inst.name}" for at in self.mounts]
            if not inst.known():
                for path in seen:
                    self.wait(f"{path} goes", lambda p=path: not os.path.exists(p) or "still there")
                inst.renew()
            for path in seen:
                self.wait(f"{path} comes", lambda p=path: os.path.exists(p) or "not there")

    def touch(self, at, inst, node, must=True):
        params = {"snap": ["shutdown = True"], "live": ["shutdown = False"],
                  "slee": ["shutdown = True", "long_sleep = True"], "rest": [],
                  "gone": ["shutdown = True", "long_sleep = True", "remove_instance = True"]}
        with open(f"{at}/instances/{inst.name}/params", "w", encoding="utf-8") as f:
            f.write("".join(line + "\n" for line in params[inst.name[:4]]))
        subprocess.run(["touch", f"{at}/nodes/{node}.example.com/images/{inst.name}.tar"],
                       check=must, timeout=PATIENCE, stderr=None if must else subprocess.DEVNULL)

    def status(self, at, inst=None):
        path = f"{at}/instances/{inst.name}/status" if inst else f"{at}/status"
        with open(path, encoding="utf-8") as f:
            return f.read().splitlines()

    def idle(self, at):
        text = self.status(at)
        return "jobs_running: 0" in text and "jobs_queued: 0" in text or str(text)

    # --- the journal ---

    def notes(self):
        try:
            return sorted(n for n in os.listdir(f"{self.c}/state/journal") if n[0] != ".")
        except FileNotFoundError:
            return []

    def state_of(self, inst):
        """Where in the diagram of journal.c its export is, as the disks show it."""
        note = configparser.ConfigParser(interpolation=None)
        try:
            with open(f"{self.c}/state/journal/{inst.name}", encoding="utf-8") as f:
                note.read_string(f.read())
        except FileNotFoundError:
            return "none"
        part = note["part0"] if note.has_section("part0") else {}
        if part.get("removing") == "True":
            return "removing"
        if int(part.get("t", 0)):
            where = self.export_dir(part["target"].split(".")[0], inst)
            try:
                published = int(os.stat(f"{where}/config.ini").st_mtime) == int(part["t"])
            except FileNotFoundError:
                published = False
            return ("publishing" if not published else
                    "published" if os.path.exists(f"{where}/XXH128SUMS") else "hashing")
        return "stopped" if note["export"]["stopped"] == "True" else "begun"

    # --- what must hold ---

    def export_dir(self, node, inst):
        return f"{self.c}/nodes/{node}.example.com/export/{inst.name}"

    def copies(self, inst):
        return [n for n in NODES if os.path.exists(self.export_dir(n, inst))]

    def read_copy(self, where):
        """Its names and files, of one and the same: it may be exchanged for another meanwhile."""
        fd = os.open(where, os.O_RDONLY | os.O_DIRECTORY)
        try:
            data = {}
            for name in os.listdir(fd):
                if name[0] != ".":
                    with open(os.open(name, os.O_RDONLY, dir_fd=fd), "rb") as f:
                        data[name] = f.read()
            return set(os.listdir(fd)), data
        finally:
            os.close(fd)

    def version_of(self, where, inst):
        """Of a copy, which must be whole."""
        ino = os.stat(where).st_ino
        try:
            files, data = self.read_copy(where)
        except FileNotFoundError:
            if os.stat(where).st_ino == ino:
                raise
            return self.version_of(where, inst)  # exchanged, and removed while it was read
        if not os.path.exists(where) or os.stat(where).st_ino != ino:
            return self.version_of(where, inst)
        wanted = {"config.ini"} | {f"disk{j}.raw" for j in range(len(SIZES))}
        extra = {f for f in files - wanted if not f.startswith(".XXH128SUMS.new-")}
        if not wanted <= files or extra - {"XXH128SUMS"}:
            raise Broken(f"{where} holds {sorted(files)}")
        config = data["config.ini"]
        if f"name = {inst.name}".encode() not in config or len(config) % 4096:
            raise Broken(f"{where}/config.ini is not whole")
        disks = [data[f"disk{j}.raw"] for j in range(len(SIZES))]
        for version in {inst.exported, inst.version} - {None}:
            if disks == [content(inst.name, j, version) for j in range(len(SIZES))]:
                return version
        sums = [hashlib.md5(disk).hexdigest() for disk in disks]
        raise Broken(f"{where} is neither version {inst.exported} nor {inst.version}: {sums}")

    def check_copies(self, inst):
        """At any time: what lies under the name is whole, old or new, and one is there if one was."""
        copies = self.copies(inst)
        if inst.exported is not None and not copies:
            raise Broken(f"{inst.name}: the export of version {inst.exported} is gone")
        for node in copies:
            try:
                self.version_of(self.export_dir(node, inst), inst)
            except FileNotFoundError:
                if os.path.exists(self.export_dir(node, inst)):
                    raise  # else a stale copy was removed meanwhile

    def check_state_dir(self):
        """After a mount: nothing of writers that were killed."""
        areas = ("journal", "pending", "params", "mounted")
        self.wait("no half file in the state directory", lambda: not (f := [
            f for area in areas for f in glob.glob(f"{self.c}/state/{area}/.[!.]*")]) or str(f))

    def leftovers(self):
        return glob.glob(f"{self.c}/nodes/*/export/.[!.]*")

    def check_settled(self, at):
        """All that was left is put in order, without anybody's doing."""
        self.wait("nothing is noted", lambda: not self.notes() or f"{self.notes()}")
        self.wait("nothing is staged", lambda: not self.leftovers() or str(self.leftovers()))
        self.wait("no lock is held", lambda: not any(
            line.startswith("lock: ") for line in self.status(at)) or str(self.status(at)))
        for inst in self.instances.values():
            self.wait(f"{inst.name} lies on one node", lambda i=inst: len(self.copies(i)) == (
                i.exported is not None or len(self.copies(i)) > 0) or str(self.copies(i)))
            self.check_instance(inst)

    def check_instance(self, inst):
        if not inst.known():
            if not inst.removable or any(os.path.exists(d) for d in inst.disks):
                raise Broken(f"{inst.name} is half gone")
        elif inst.running() != inst.up:
            raise Broken(f"{inst.name} {'does not run' if inst.up else 'runs'}")
        for node in self.copies(inst):
            where = self.export_dir(node, inst)
            inst.exported = self.version_of(where, inst)
            sums = subprocess.run(["xxhsum", "-c", "--quiet", "XXH128SUMS"], cwd=where,
                                  capture_output=True, check=False)
            if sums.returncode:
                raise Broken(f"{where}: {sums.stdout} {sums.stderr}")
            if any(f.startswith(".") for f in os.listdir(where)):
                raise Broken(f"{where} holds {os.listdir(where)}")
        if not inst.known() and inst.exported != inst.version:
            raise Broken(f"{inst.name} is gone without an export of its last version")

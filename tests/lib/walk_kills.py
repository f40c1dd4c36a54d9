"""Readers, and daemons, that are killed in the middle of a run, for walk.py.

A run that is cancelled takes its T with it if a reader had something of it, bytes or where its
holes are, and leaves T to the next one else; so it is if its daemon dies.  It is not cancelled if
it is being published, or the reader has all of it, or with linger if he has read his file to the
end.
"""
import os
import signal
import subprocess
import sys
import time

from walk_admin import dies
from walk_steps import any_instance, look_at_all

READER = """
import os, sys
path, at, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
fd = os.open(path, os.O_RDONLY)
while size > 0:
    n = len(os.pread(fd, size, at))
    at, size = at + n, size - n if n else 0
if sys.argv[4:]:
    os.lseek(fd, at, os.SEEK_HOLE)
print("got it", flush=True)
sys.stdin.read()
"""


class Reader:
    """A process that reads so much, or asks for a hole, says so, and stays."""

    def __init__(self, path, at, size, seeks=False):
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, path, str(at), str(size)] + ["seek"] * seeks,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def has_it(self):
        return self.process.stdout.readline() == "got it\n"

    def kill(self, by):
        self.process.send_signal(by)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        return status


class Hold:
    """The daemon is held whenever one of its threads comes to a system call (as tests/lib/hold.sh),
    of that file if one is named."""

    def __init__(self, w, mount, call, path=None):
        pid = mount.process.pid
        self.tracer = subprocess.Popen(
            ["strace", "-qq", "-f", "-p", str(pid), "-o", "/dev/null", "-e", f"trace={call}",
             "-e", f"inject={call}:delay_enter=90000000"] + (["-P", path] if path else []),
            stderr=subprocess.DEVNULL)
        w.wait("the daemon is traced", lambda: all(
            traced(f"/proc/{pid}/task/{task}/status") for task in os.listdir(f"/proc/{pid}/task")))

    def release(self):
        self.tracer.terminate()
        self.tracer.wait()


def traced(status):
    try:
        with open(status, encoding="utf-8") as f:
            return "TracerPid:\t0\n" not in f.read()
    except (FileNotFoundError, ProcessLookupError):
        return True


def signals(w):
    return w.rnd.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])


def killed_at_gate(w):
    """While a hook holds the run nobody has anything of it: T stays."""
    inst, mount = any_instance(w), w.pick_mount()
    w.look(inst)
    if inst.fresh() is not False or mount in inst.failed:
        return
    gate = f"{w.c}/gate"
    with open(gate, "w", encoding="utf-8"):
        pass
    path = mount.path(f"images/{inst.name}.tar")
    readers = [Reader(path, 0, 1 << 20) for _ in range(w.rnd.choice([1, 1, 2]))]
    w.wait("the run is at the gate", lambda: w.runs() == w.expected_runs + 1)
    w.wait("all wait", lambda: f"\nreaders: {len(readers)}\n" in mount.text(f"instances/{inst.name}/status"))
    look_at_all(w)
    started = time.time()
    w.expected_runs += 1
    readers[0].kill(signals(w))
    if len(readers) == 2 and not w.veto:
        os.unlink(gate)
        if not readers[1].has_it() or readers[1].end() != 0:
            w.fail("one reader of two is killed, and the other fails")
        w.settle()
        w.published(inst, started, mount, inst.promise)
        inst.was_read(inst.export)
        return
    for reader in readers[1:]:
        reader.kill(signals(w))
    w.wait("nobody waits for it, so it ends", mount.idle)
    os.unlink(gate)


class Plan:
    """Where the run is held, and what a reader does: it has something by then (got), its file to the
    end (at_end)."""

    def __init__(self, w, inst, at):
        self.call, self.when = at
        base = f"instances/{inst.name}/export"
        tar = f"images/{inst.name}.tar"
        size = os.stat(w.main.path(tar)).st_size
        plans = [
            ("head", tar, 0, 600), ("config", f"{base}/config.ini", 0, 4096),
            ("holes", f"{base}/disk0.raw", 5000, 0), ("tar holes", tar, 140000, 0)]
        if self.call == "fadvise64":  # of the disks the first (when 2) is there, or nothing
            plans += [("nothing", f"{base}/disk1.raw", 70000, 1)] * 3
        if self.when == 2 or self.call == "renameat2":
            plans += [("disk", f"{base}/disk0.raw", 0, inst.sizes[0]), ("part", tar, 131072, 9000)]
        if self.call == "renameat2" and not inst.running:  # whose checksums come afterwards
            plans += [("whole", tar, 0, size)] * 3
        self.what, self.path, self.at, self.size = w.rnd.choice(plans)
        self.seeks = self.what.endswith("holes")
        self.got = self.what != "nothing"
        self.at_end = self.what in ("config", "disk", "whole")
        w.say(f"{inst.name}: {self.what}, held at {self.call} {self.when}, linger {w.rules.linger}")


def killed_midway(w):
    """A reader that may have something is killed while the run is held, or the daemon is."""
    at = w.rnd.choice([("fadvise64", 1), ("fadvise64", 2), ("renameat2", 1)])
    inst = any_instance(w, running=None if at[0] == "renameat2" else False)
    mount = w.pick_mount()
    w.look(inst)
    if inst.fresh() is not False or mount in inst.failed or w.veto:
        return
    plan = Plan(w, inst, at)
    # each disk is copied by a thread of its own
    disk = w.disks_of(inst.name)[plan.when - 1] if plan.call == "fadvise64" else None
    hold = Hold(w, mount, plan.call, disk)
    started, t = time.time(), inst.promise
    try:
        reader = Reader(mount.path(plan.path), plan.at, plan.size, plan.seeks)
        if plan.got and not reader.has_it():
            w.fail(f"{inst.name}: the reader fails")
        status = f"instances/{inst.name}/status"
        # where nobody can stop it any more; or where the reader can only wait
        phase = ("\nphase: publishing" if plan.call == "renameat2" else
                 "" if plan.got else f"\nphase: copying disk/{plan.when - 1}")
        w.wait("the run is there, and read", lambda: w.runs() == w.expected_runs + 1 and
               "\nreaders: 1\n" in mount.text(status) and phase in mount.text(status))
        w.expected_runs += 1
        end_it(w, inst, mount, plan, reader, hold)
    finally:
        hold.release()
    w.settle()
    adopt(w, inst, mount, plan, started, t)


def end_it(w, inst, mount, plan, reader, hold):
    """The daemon dies, or the reader, perhaps while another one reads all."""
    plan.ending = w.rnd.choice(["reader", "reader", "reader", "other reads on", "daemon"])
    w.say(plan.ending)
    if plan.ending == "daemon":
        mount.process.kill()
        hold.tracer.kill()  # which would not let the dead go before its time
        dies(w, mount)
        reader.kill(signal.SIGKILL)
        return
    status = f"instances/{inst.name}/status"
    if plan.ending == "other reads on":
        path = mount.path(f"images/{inst.name}.tar")
        other = Reader(path, 0, os.stat(path).st_size)
        w.wait("another one reads", lambda: "\nreaders: 2\n" in mount.text(status))
    reader.kill(signals(w))
    w.wait("the reader is gone", lambda: f"\nreaders: {int(plan.ending != 'reader')}\n" in mount.text(status))
    hold.release()
    if plan.ending == "other reads on" and (not other.has_it() or other.end() != 0):
        w.fail(f"{inst.name}: one reader of two is killed, and the other fails")


def adopt(w, inst, mount, plan, started, t):
    stays = plan.call == "renameat2" or (plan.at_end and w.rules.linger)
    if plan.ending == "other reads on" or (plan.ending == "reader" and stays):
        w.published(inst, started, mount, t)
        inst.was_read(inst.export)
    elif plan.got:
        inst.give_up(t)
        w.notice_given_up(inst)
    w.look(inst)


STEPS = [(killed_at_gate, 4), (killed_midway, 6)]

#!/usr/bin/env python3
"""What the tests of passthrough do to files: passthrough.py COMMAND ARGUMENT..."""
import mmap
import os
import random
import select
import signal
import sys
import time


def is_stopped(pid):
    """All of its threads, each of which goes on until it has seen the signal."""
    states = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii", errors="replace") as f:
            states.append(f.read().rpartition(")")[2].split()[0])
    return set(states) == {"T"}


def without(daemon, fd, seconds):
    """Is an open file read, not from this mount's page cache, while the daemon is stopped?  No process
    that has it open may end meanwhile: that has to wait for the daemon."""
    daemon, fd = int(daemon), int(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    r, w = os.pipe()
    os.kill(daemon, signal.SIGSTOP)
    while not is_stopped(daemon):
        time.sleep(0.01)
    child = os.fork()
    if child == 0:
        os.write(w, os.pread(fd, 1, 0) and b"x")
        os._exit(0)
    ready = select.select([r], [], [], float(seconds))[0]
    os.kill(daemon, signal.SIGCONT)
    os.waitpid(child, 0)
    print("read" if ready else "waits")


def keep_reading(path, seconds, every):
    """One byte, again and again; the file stays open."""
    fd = os.open(path, os.O_RDONLY)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        os.pread(fd, 1, 0)
        time.sleep(float(every))


def holes(path):
    """Where data begins and ends, by seeking; prints it."""
    fd = os.open(path, os.O_RDONLY)
    at, size, found = 0, os.fstat(fd).st_size, []
    while at < size:
        try:
            start = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:
            break
        at = os.lseek(fd, start, os.SEEK_HOLE)
        found.append((start, at))
    print(found)


def all_ways(path, reference):
    """The same bytes by every call that reads."""
    with open(reference, "rb") as f:
        wanted = f.read()
    fd, size = os.open(path, os.O_RDONLY), len(wanted)
    assert os.fstat(fd).st_size == size
    assert os.pread(fd, size + 10, 0) == wanted, "pread"
    assert os.pread(fd, 10, size) == b"", "at the end"
    with open(path, "rb") as f:
        assert f.read() == wanted, "read"
    for flags in mmap.MAP_SHARED, mmap.MAP_PRIVATE:
        assert mmap.mmap(fd, 0, flags, mmap.PROT_READ)[:] == wanted, "mmap"
    out = os.memfd_create("out")
    while os.sendfile(out, fd, None, size):
        pass
    assert os.pread(out, size + 10, 0) == wanted, "sendfile"
    r, w = os.pipe()
    n = os.splice(fd, w, 65536, offset_src=4096)
    assert n > 0 and os.read(r, n) == wanted[4096:4096 + n], "splice"
    direct = os.open(path, os.O_RDONLY | os.O_DIRECT)
    assert os.pread(direct, 1000, 777) == wanted[777:1777], "direct, not aligned"
    buf = mmap.mmap(-1, 65536)
    assert os.preadv(direct, [buf], 0) == 65536 and buf[:] == wanted[:65536], "direct"


def held_by(path, how):
    """Opens, maps if `how` says so, prints a line and waits for one."""
    fd = os.open(path, os.O_RDONLY)
    flags = {"shared": mmap.MAP_SHARED, "private": mmap.MAP_PRIVATE}.get(how)
    held = mmap.mmap(fd, 0, flags, mmap.PROT_READ) if flags else None
    print(held[0] if held else os.pread(fd, 1, 0)[0], flush=True)
    sys.stdin.readline()
    print(held[4097] if held else os.pread(fd, 1, 4097)[0], flush=True)


def stress(seed, rounds, *paths):
    """Opens, reads, maps and closes at random; EIO and ENODEV are failures, ESTALE is a newer export."""
    rng, held = random.Random(int(seed)), []
    for _ in range(int(rounds)):
        try:
            fd = os.open(rng.choice(paths), os.O_RDONLY | rng.choice((0, 0, os.O_DIRECT)))
        except OSError as e:
            if e.errno != 116:
                raise
            continue
        try:
            size = os.fstat(fd).st_size
            if rng.random() < 0.5:
                assert os.pread(fd, 100, rng.randrange(size - 100))
            if rng.random() < 0.5:
                m = mmap.mmap(fd, 0, rng.choice((mmap.MAP_SHARED, mmap.MAP_PRIVATE)), mmap.PROT_READ)
                held.append(m[rng.randrange(size)] and m)
        finally:
            os.close(fd)
        if len(held) > rng.randrange(4):
            held.clear()


COMMANDS = {f.__name__: f for f in (without, keep_reading, holes, all_ways, held_by, stress)}
if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])

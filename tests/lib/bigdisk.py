#!/usr/bin/env python3
"""Huge disks for tests of memory.

bigdisk.py extents FILE SIZE N   N blocks of data, evenly spread, on a file system with reflinks
bigdisk.py use FILE SECONDS      reads and seeks all over the file, as far as it is there already
"""
import errno
import fcntl
import os
import random
import struct
import sys
import time

FICLONERANGE = 0x4020940D


def extents(path, size, n):
    size, n = int(size), int(n)
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.truncate(fd, size)
    os.pwrite(fd, b"x" * 4096, 0)
    os.fsync(fd)
    step = size // n // 4096 * 4096
    for i in range(1, n):
        fcntl.ioctl(fd, FICLONERANGE, struct.pack("qQQQ", fd, 0, 4096, i * step))


def use(path, seconds):
    fd = os.open(path, os.O_RDONLY)
    size, rnd, at = os.fstat(fd).st_size, random.Random(1), 0
    end = time.monotonic() + float(seconds)
    os.pread(fd, 1 << 20, 0)
    while time.monotonic() < end:
        for _ in range(100):
            try:
                at = os.lseek(fd, os.lseek(fd, at, os.SEEK_DATA), os.SEEK_HOLE)
            except OSError as e:
                if e.errno != errno.ENXIO:
                    raise
                at = rnd.randrange(size)
            if at >= size:
                at = 0
        if len(sys.argv) > 4:  # all of it is there
            os.pread(fd, 1 << 17, rnd.randrange(size))
        else:
            os.pread(fd, 1 << 20, 1 << 20)
    os.close(fd)


if __name__ == "__main__":
    {"extents": extents, "use": use}[sys.argv[1]](*sys.argv[2:4] if sys.argv[1] == "use" else sys.argv[2:])

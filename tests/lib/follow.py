#!/usr/bin/env python3
"""Readers that follow a running export, each in its own order.

follow.py read FILE OUT ORDER   all of FILE into OUT.  ORDER: forward, backward, random, mapped (a
                                private mapping, pages at random), holes (what SEEK_DATA and
                                SEEK_HOLE call data)
follow.py drop DIR STOP         throws what lies below DIR out of the page cache, again and again,
                                until the file STOP exists
"""
import errno
import mmap
import os
import random
import sys
import time

PIECE = 192 << 10  # no power of two: pieces straddle what the copy writes


def data_ranges(fd, size):
    at = 0
    while at < size:
        try:
            at = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as e:
            if e.errno == errno.ENXIO:
                return
            raise
        end = os.lseek(fd, at, os.SEEK_HOLE)
        yield at, end
        at = end


def pieces(ranges, order):
    found = [(at, min(PIECE, end - at)) for first, end in ranges for at in range(first, end, PIECE)]
    if order == "backward":
        found.reverse()
    elif order in ("random", "mapped"):
        random.Random(order).shuffle(found)
    return found


def read(path, out, order):
    fd, size = os.open(path, os.O_RDONLY), os.path.getsize(path)
    wanted = pieces(data_ranges(fd, size) if order == "holes" else [(0, size)], order)
    with open(out, "wb") as copy:  # not before it knows where data is
        copy.truncate(size)
        mapped = mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ) if order == "mapped" else None
        for at, length in wanted:
            data = mapped[at:at + length] if mapped else os.pread(fd, length, at)
            if len(data) != length:
                sys.exit(f"{path}: {len(data)} bytes at {at}, not {length}")
            os.pwrite(copy.fileno(), data, at)
    os.close(fd)


def drop(directory, stop):
    while not os.path.exists(stop):
        for where, _, names in os.walk(directory):
            for name in names:
                try:
                    fd = os.open(os.path.join(where, name), os.O_RDONLY)
                except FileNotFoundError:
                    continue
                os.fdatasync(fd)
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(fd)
        time.sleep(0.02)


if __name__ == "__main__":
    {"read": read, "drop": drop}[sys.argv[1]](*sys.argv[2:])

#!/usr/bin/env python3
"""A guest that numbers its writes, and whether an image of its disk is of one moment.

guest.py write DISK MODE STOP   writes number n into block n % BLOCKS, n = 0, 1, 2 ..., one after
                                the other, until the file STOP exists; prints the last number.
                                MODE: buffered, sync (now and then), direct
guest.py check IMAGE            prints the last number in it; fails if block i does not hold the
                                greatest number up to that which belongs there
"""
import mmap
import os
import sys

BLOCK = 4096


def write(path, mode, stop):
    flags = os.O_RDWR | (os.O_DIRECT if mode == "direct" else 0)
    fd = os.open(path, flags)
    blocks = os.lseek(fd, 0, os.SEEK_END) // BLOCK
    buf = mmap.mmap(-1, BLOCK)  # page aligned, for O_DIRECT
    n = 0
    while n < blocks or n % 64 or not os.path.exists(stop):
        buf[:8] = (n + 1).to_bytes(8, "little")
        os.pwrite(fd, buf, n % blocks * BLOCK)
        n += 1
        if mode == "sync" and n % 37 == 0:
            os.fdatasync(fd)
    print(n - 1)


def check(path):
    seen = []
    with open(path, "rb") as f:
        while block := f.read(BLOCK):
            seen.append(int.from_bytes(block[:8], "little") - 1)
    last, blocks = max(seen), len(seen)
    for i, n in enumerate(seen):
        wanted = last - (last - i) % blocks if last >= i else -1
        if n != wanted:
            sys.exit(f"{path}: block {i} holds number {n}, not {wanted}, though {last} was written")
    print(last)


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](*sys.argv[2:])

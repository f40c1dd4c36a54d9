"""What the mounted tests need of an independent reader: python's own tarfile and configparser.

    image.py disk FILE SIZE LAYOUT SEED     reproducible contents
    image.py config FILE [SECTION KEY VALUE]...
    image.py tar FILE INSTANCE DIRECTORY    members, order and bytes, against the extracted files
    image.py reads FILE REFERENCE COUNT     random preads in four threads
    image.py seek FILE                      SEEK_DATA and SEEK_HOLE from 0 to the end
    image.py open FILE                      opens and closes without reading
    image.py write FILE                     stdin in one write; the errno of write or close is told
"""
import configparser
import errno
import os
import random
import sys
import tarfile
import threading

UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
RUN = 64 << 10


def size_of(text):
    return int(text[:-1]) * UNITS[text[-1]] if text[-1] in UNITS else int(text)


def runs_of(layout, size):
    """Offsets where data lies."""
    if layout == "dense":
        return range(0, size, RUN)
    if layout == "empty":
        return []
    wanted = {
        "sparse": (0.0, 0.3, 0.31, 0.7, 1.0),
        "hole-start": (0.5, 0.9, 1.0),
        "hole-middle": (0.0, 0.1, 1.0),
        "hole-end": (0.0, 0.1, 0.5),
    }[layout]
    return sorted({max(0, min(int(size * w), size - RUN)) // 4096 * 4096 for w in wanted})


def disk(path, size_text, layout, seed):
    size, rnd = size_of(size_text), random.Random(seed)
    with open(path, "wb") as f:
        f.truncate(size)
        for at in runs_of(layout, size):
            f.seek(at)
            f.write(rnd.randbytes(min(RUN, size - at)))
        if layout not in ("empty", "hole-end") and size:
            f.seek(size - 1)
            f.write(b"\x5a")


def config(path, *wanted):
    parser = configparser.ConfigParser(strict=True)
    with open(path, encoding="utf-8") as f:
        parser.read_file(f)
    for section, key, value in zip(*[iter(wanted)] * 3):
        seen = parser.get(section, key)
        assert seen == value, f"[{section}] {key} is {seen!r}, not {value!r}"
    assert parser.get("export", "version") == "0"


def tar(path, instance, extracted):
    disks = sorted((n for n in os.listdir(extracted) if n.startswith("disk")),
                   key=lambda n: int(n[4:].split(".")[0]))
    names = [f"{instance}/{n}" for n in ["config.ini"] + disks + ["XXH128SUMS"]]
    with tarfile.open(path) as t:
        members = t.getmembers()
        assert [m.name for m in members] == names, [m.name for m in members]
        for m in members:
            inside = os.path.join(extracted, os.path.basename(m.name))
            assert m.size == os.path.getsize(inside), f"{m.name}: {m.size} bytes"
            if "/disk" in m.name:
                assert m.offset_data % 4096 == 0, f"{m.name} begins at {m.offset_data}"


def same_at(fd, ref, at, length):
    return os.pread(fd, length, at) == os.pread(ref, length, at)


def reads(path, reference, count):
    """One descriptor per thread, as several readers would have."""
    size, wrong = os.path.getsize(reference), []
    assert os.path.getsize(path) == size, "sizes differ"

    def work(seed):
        rnd, fd, ref = random.Random(seed), os.open(path, os.O_RDONLY), os.open(reference, os.O_RDONLY)
        for _ in range(int(count)):
            at, length = rnd.randrange(size + 4096), rnd.choice([1, 511, 4096, 4097, 131072, 300000])
            if not same_at(fd, ref, at, length):
                wrong.append((at, length))
        os.close(fd)
        os.close(ref)

    threads = [threading.Thread(target=work, args=(s,)) for s in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, f"differs at (offset, length) {wrong[:5]}"


def seek(path):
    fd, size, at, seen = os.open(path, os.O_RDONLY), os.path.getsize(path), 0, []
    while at < size:
        try:
            data = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as e:
            assert e.errno == errno.ENXIO, e
            break
        at = os.lseek(fd, data, os.SEEK_HOLE)
        assert data < at <= size, (data, at)
        seen.append((data, at))
    for whence in (os.SEEK_DATA, os.SEEK_HOLE):
        try:
            os.lseek(fd, size, whence)
            raise AssertionError("seeking at the end must be ENXIO")
        except OSError as e:
            assert e.errno == errno.ENXIO, e
    print(seen)


def open_(path):
    os.close(os.open(path, os.O_RDONLY))


def write(path):
    fd, data = os.open(path, os.O_WRONLY | os.O_TRUNC), sys.stdin.buffer.read()
    try:
        os.write(fd, data)
    finally:
        try:
            os.close(fd)
        except OSError as e:
            sys.exit(f"close: {errno.errorcode[e.errno]}")


if __name__ == "__main__":
    {"disk": disk, "config": config, "tar": tar, "reads": reads, "seek": seek, "open": open_,
     "write": write}[sys.argv[1]](*sys.argv[2:])

"""What a published export truly is, from what lies on its node's disk: bytes, holes, blocks."""
import configparser
import errno
import io
import os
import subprocess
import tarfile

ALIGN = 4096  # of disk data in the tar, DESIGN §5


def data_ranges(fd):
    """Where the file has data, as its file system says now."""
    found, at = [], 0
    try:
        size = os.fstat(fd).st_size
        while at < size:
            start = os.lseek(fd, at, os.SEEK_DATA)
            at = os.lseek(fd, start, os.SEEK_HOLE)
            found.append((start, at))
    except OSError as e:
        if e.errno != errno.ENXIO:
            raise
    return found


def joined(ranges):
    found = []
    for start, end in sorted(r for r in ranges if r[0] < r[1]):
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def seek(ranges, size, at, whence):
    """What lseek answers: (offset, errno)."""
    for start, end in ranges if at < size else []:
        if end > at:
            if whence == os.SEEK_DATA:
                return max(at, start), 0
            return (end if start <= at else at), 0
    return (at, 0) if at < size and whence == os.SEEK_HOLE else (None, errno.ENXIO)


def blocks_of(size):
    return -(-size // 512)


class Truth:
    """Of the export in `directory`; `tar` is how the mount shows it below nodes/."""

    def __init__(self, directory, inst, tar, fail):
        self.name, self.fail = inst.name, fail
        self.bytes, self.blocks = {}, {}
        self.dumps = {}  # open, for XFS may find out later that a page of zeros is a hole
        self.offsets = {}  # in the tar
        self.disks = [("disk", j) for j in range(len(inst.sizes))]
        for key, name in [(("config", None), "config.ini"), (("sums", None), "XXH128SUMS")] + [
                (key, f"disk{key[1]}.raw") for key in self.disks]:
            dump = open(f"{directory}/{name}", "rb")  # pylint: disable=consider-using-with
            self.bytes[key] = dump.read()
            self.blocks[key] = blocks_of(len(self.bytes[key]))
            if key in self.disks:
                self.blocks[key] = os.fstat(dump.fileno()).st_blocks
                self.dumps[key] = dump
        for key in self.disks:
            if self.bytes[key] != inst.content(key[1]):
                fail(f"{inst.name}: disk{key[1]} is not of generation {inst.generations[key[1]]}: "
                     f"{self.bytes[key][:60]!r}")
        self.check_config(inst)
        self.check_sums(directory)
        self.take_tar(tar)

    def check_config(self, inst):
        text = self.bytes["config", None].decode()
        parser = configparser.ConfigParser(strict=True)
        parser.read_string(text)
        if len(text) % ALIGN or parser.get("instance", "name") != inst.name or \
                f"maxmem = {inst.memory}\n" not in text:
            self.fail(f"{inst.name}: config.ini is not right:\n{text}")
        self.taken = int(float(parser.get("export", "timestamp")))

    def check_sums(self, directory):
        names = ["config.ini"] + [f"disk{j}.raw" for _, j in self.disks]
        made = subprocess.run(["xxhsum", "-H2"] + names, cwd=directory, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        if made != self.bytes["sums", None]:
            self.fail(f"{self.name}: XXH128SUMS are\n{self.bytes['sums', None]}\nnot\n{made}")

    def take_tar(self, tar):
        """The same files, packaged; its holes are those of the dumps."""
        keys = [("config", None)] + self.disks + [("sums", None)]
        names = ["config.ini"] + [f"disk{j}.raw" for _, j in self.disks] + ["XXH128SUMS"]
        with tarfile.open(fileobj=io.BytesIO(tar)) as t:
            members = t.getmembers()
            if [m.name for m in members] != [f"{self.name}/{n}" for n in names]:
                self.fail(f"{self.name}: members {[m.name for m in members]}")
            for key, m in zip(keys, members):
                if t.extractfile(m).read() != self.bytes[key] or m.mtime != self.taken:
                    self.fail(f"{self.name}: {m.name} in its tar is another, or of {m.mtime}")
        holes = 0
        for key, m in zip(keys, members):
            if key not in self.disks:
                continue
            if m.offset_data % ALIGN:
                self.fail(f"{self.name}: {m.name} begins at {m.offset_data}")
            self.offsets[key] = m.offset_data
            # a file system may allocate more than the length needs
            holes += max(blocks_of(m.size) - self.blocks[key], 0)
        key = "tar", None
        self.bytes[key] = tar
        self.blocks[key] = blocks_of(len(tar)) - holes

    def ranges(self, key):
        """Where a file has data; the tar has holes where its dumps have them."""
        if key in self.disks:
            return data_ranges(self.dumps[key].fileno())
        if key[0] != "tar":
            return [(0, len(self.bytes[key]))]
        data, at = [], 0
        for disk, offset in self.offsets.items():
            data += [(at, offset)] + [(a + offset, b + offset) for a, b in self.ranges(disk)]
            at = offset + len(self.bytes[disk])
        return joined(data + [(at, len(self.bytes[key]))])

    def check_read(self, what, key, at, size, data):
        wanted = self.bytes[key][at:at + size]
        if data != wanted:
            self.fail(f"{what}: {len(data)} bytes {data[:60]!r}, not {len(wanted)} {wanted[:60]!r}")

    def check_seek(self, what, key, at, whence, answer):
        wanted = seek(self.ranges(key), len(self.bytes[key]), at, whence)
        if answer != wanted:
            self.fail(f"{what}: whence {whence} answers {answer}, not {wanted}")

    def check_early_seek(self, what, key, at, whence, answer):
        """Before it was published: data where there is none, perhaps, never the other way."""
        wanted, _ = seek(self.ranges(key), len(self.bytes[key]), at, whence)
        found, err = answer
        end = len(self.bytes[key])
        if whence == os.SEEK_DATA:
            found = end if err == errno.ENXIO else found
            wrong = not at <= found <= (end if wanted is None else wanted)
        else:
            hole = seek(self.ranges(key), end, found, os.SEEK_DATA)[0] if not err else None
            wrong = err or not wanted <= found <= end or hole == found
        if wrong:
            self.fail(f"{what}: whence {whence} answers {answer} before publication, it is {wanted}")

    def check_blocks(self, what, key, blocks):
        off = abs(blocks - self.blocks[key])
        if off > (len(self.disks) if key[0] == "tar" else 0):  # rounding, once for each member
            self.fail(f"{what}: {blocks} blocks, not {self.blocks[key]}; {self.blocks}")

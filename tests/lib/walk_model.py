"""What a mounted cluster must look like: the rules of DESIGN §2, §3 and §7, for walk.py.

An instance has disks of a known generation, perhaps a published export (its T and the generations
that it has), perhaps a T promised for the next one.  Everything here is expectation; walk.py does
things, tells the model, and compares.  Where the outcome depends on timing the model says so
(None: either), and adopts what was seen.
"""
import random
import time

BLOCK = 512


def pattern(name, disk, generation, size):
    """The bytes of a disk: every block tells whose it is, and which generation."""
    rnd = random.Random(f"{name}/{disk}/{generation}")
    hole = rnd.randrange(4)  # every fourth 16 KiB is left out: holes move
    out = bytearray(size)
    for at in range(0, size, BLOCK):
        if at // 16384 % 4 == hole:
            continue
        text = f"{name} disk{disk} g{generation} @{at} ".encode()
        end = min(at + BLOCK, size)
        out[at:end] = (text * 20)[: end - at]
    return bytes(out)


class Export:
    """A published export."""

    def __init__(self, t, node, generations, sizes, provable):
        self.t, self.node = t, node
        self.generations, self.sizes = generations, sizes
        self.old = False  # its publication was put two hours back
        self.provable = provable  # freshness (c) holds if nothing changes: True, False, None
        self.tar = None  # its bytes, once they were seen


class Instance:
    def __init__(self, name, running, sizes):
        self.name, self.running, self.sizes = name, running, sizes
        self.generations = [0] * len(sizes)
        self.export = None
        self.promise = None  # the T that was seen for the next export
        self.top = 0  # every new T must be later
        self.failed = None  # errno that readers get without another attempt
        self.changed_at = 0.0  # when a disk was changed last
        self.dirty = False  # a disk was, since the export was taken
        self.edited = False  # its ini was
        self.memory = 1024
        self.given_up = set()  # T that no export will have

    def content(self, disk, generation=None, size=None):
        if generation is None:
            generation, size = self.generations[disk], self.sizes[disk]
        return pattern(self.name, disk, generation, size)

    def fresh(self):
        """True, False, or None: cannot be told."""
        e = self.export
        if not e or self.promise:
            return False
        if not e.old:
            return True
        if self.running or self.edited:
            return False
        if self.dirty:  # what was seen of the disks may be seconds old, until one is opened
            return None if e.provable is not False and time.time() - self.changed_at < 8 else False
        return e.provable

    def disk_changed(self):
        self.changed_at = time.time()
        self.dirty = True

    def published(self, t, node, started):
        """A run has published what the disks hold now."""
        still = started - self.changed_at
        provable = False if self.running or still < 1 else True if still > 4 else None
        self.export = Export(t, node, list(self.generations), list(self.sizes), provable)
        self.top = max(self.top, t)
        self.promise, self.failed, self.dirty, self.edited = None, None, False, False

    def run_failed(self, errno, t, by_reader):
        """A run failed: its T is given up, readers are not served by another attempt."""
        if t:
            self.given_up.add(t)
            self.top = max(self.top, t)
        self.promise = None
        self.failed = errno if by_reader else None

    def saw(self, t, fail):
        """stat showed the version t: is that right?  Adopts what cannot be predicted."""
        e, fresh = self.export, self.fresh()
        if fresh is None:
            fresh = t == e.t
            if not self.dirty:
                e.provable = fresh
        if fresh:
            if t != e.t:
                fail(f"{self.name}: the export is fresh, of {e.t}, but stat shows {t}")
            return
        if self.promise:
            if t != self.promise:
                fail(f"{self.name}: {self.promise} was promised, and now stat shows {t}")
            return
        if t <= self.top:
            fail(f"{self.name}: a new version must be later than {self.top}, not {t}")
        if t > time.time() + 30:
            fail(f"{self.name}: {t} is far in the future")
        self.promise = t
        self.top = t

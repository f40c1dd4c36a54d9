"""What a mounted cluster must look like: the rules of DESIGN §2, §3 and §7, for walk.py.

An instance has disks of a known generation, perhaps a published export (its T and what it truly
is), perhaps a T promised for the next one.  Everything here is expectation; walk.py does things,
tells the model, and compares.  Where the outcome depends on timing the model says so (None:
either), and adopts what was seen.

Ages are those of an export's directory, which is set back; no step waits for time to pass.  linger
is either 0 or longer than any walk, so an export was read lately if it ever was.
"""
import random
import time

BLOCK = 512
HOLE = 16384  # every fourth such piece of a disk is left out; which ones differs by generation
MAX_AGE = 3600


class Rules:
    """The mount options of now."""

    CHOICES = [(0, 10800), (3000, 10800), (3000, 86400)]

    def __init__(self):
        self.linger, self.hold = self.CHOICES[0]

    def options(self):
        return f"max_age={MAX_AGE},linger={self.linger},hold={self.hold},retry_after=3600,max_jobs=4"


def pattern(name, disk, generation, size):
    """The bytes of a disk: every block tells whose it is, and which generation."""
    rnd = random.Random(f"{name}/{disk}/{generation}")
    hole = rnd.randrange(4)
    out = bytearray(size)
    for at in range(0, size, BLOCK):
        if at // HOLE % 4 == hole:
            continue
        text = f"{name} disk{disk} g{generation} @{at} ".encode()
        end = min(at + BLOCK, size)
        out[at:end] = (text * 20)[: end - at]
    return bytes(out)


class Export:
    """A published export."""

    def __init__(self, t, node, provable, truth):
        self.t, self.node, self.truth = t, node, truth
        self.age = 0  # its publication was put back by so many seconds
        self.read = False  # by a handle: freshness (b)
        self.unsure = False  # whether it was still fresh when that was
        self.over = False  # stale for good: the T that came after it was replaced by another
        self.provable = provable  # freshness (c) holds if nothing changes: True, False, None


class Instance:
    def __init__(self, name, running, sizes, rules):
        self.name, self.running, self.sizes, self.rules = name, running, sizes, rules
        self.generations = [0] * len(sizes)
        self.export = None
        self.promise = None  # the T that was seen for the next export
        self.top = 0  # every new T must be later
        self.failed = {}  # mount -> errno that its readers get without another attempt
        self.changed_at = 0.0  # when a disk was changed last
        self.dirty = False  # a disk was, since the export was taken
        self.edited = False  # its ini was
        self.memory = 1024
        self.given_up = set()  # T that no export will have

    def content(self, disk):
        return pattern(self.name, disk, self.generations[disk], self.sizes[disk])

    def fresh(self):
        """True, False, or None: cannot be told."""
        e = self.export
        if not e or self.promise or e.over:
            return False
        if e.age < MAX_AGE:
            return True
        if e.unsure:
            return None
        if e.read and self.rules.linger and e.age < self.rules.hold:
            return True
        return self.unchanged()

    def unchanged(self):
        """Freshness (c)."""
        e = self.export
        if self.running or self.edited:
            return False
        if self.dirty:  # what was seen of the disks may be seconds old, until one is opened
            return None if e.provable is not False and time.time() - self.changed_at < 8 else False
        return e.provable

    def was_read(self, e):
        """A handle on e has read.  If it was not fresh any more by then that comes too late."""
        if e is self.export and not e.read:
            e.unsure = e.age >= MAX_AGE and not self.promise and self.unchanged() is not True
            e.read = True

    def disk_changed(self):
        self.changed_at = time.time()
        self.dirty = True

    def published(self, t, node, started, truth, by):
        """A run of the mount `by` has published what the disks hold now."""
        still = started - self.changed_at
        provable = False if self.running or still < 1 else True if still > 4 else None
        self.export = Export(t, node, provable, truth)
        self.top = max(self.top, t)
        self.promise, self.dirty, self.edited = None, False, False
        self.failed.pop(by, None)

    def give_up(self, t):
        """Nothing will be published under t."""
        if t:
            self.given_up.add(t)
            self.top = max(self.top, t)
        self.promise = None

    def saw(self, t, fail):
        """stat showed the version t: is that right?  Adopts what cannot be predicted."""
        e, fresh = self.export, self.fresh()
        if fresh is None:
            fresh = t == e.t
            if not self.dirty and not e.unsure:
                e.provable = fresh
            if fresh and e.unsure:
                e.unsure = False
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

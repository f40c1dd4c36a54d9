"""What readers do, for walk.py: one function per step."""
import errno
import os
import subprocess
import time

from walk_world import Handle, within_a_minute


def any_instance(w, running=None):
    return w.rnd.choice([i for i in w.instances.values() if running in (None, i.running)])


def open_image(w):
    """Opens a file of an image: never starts anything."""
    inst, mount = any_instance(w), w.pick_mount()
    key, path = w.rnd.choice(list(w.files(inst)))
    w.look(inst)
    w.say(path)
    handle = Handle(mount, inst, key, os.open(mount.path(path), os.O_RDONLY), None, None)
    w.handles.append(handle)
    t = int(os.fstat(handle.fd).st_mtime) - (key[0] == "sums")
    inst.saw(t, w.fail)
    if inst.export and t == inst.export.t:
        handle.export = inst.export
    else:
        handle.promise = t


def open_on_node(w):
    """Opens what lies on a node: reading it never starts anything, and keeps nothing fresh."""
    if not w.having_export():
        return
    inst, mount = w.rnd.choice(w.having_export()), w.pick_mount()
    base = f"nodes/{inst.export.node}"
    disk = w.rnd.randrange(len(inst.export.truth.disks))
    key, path = w.rnd.choice([
        (("disk", disk), f"{base}/exports/{inst.name}/disk{disk}.raw"),
        (("config", None), f"{base}/exports/{inst.name}/config.ini"),
        (("sums", None), f"{base}/exports/{inst.name}/XXH128SUMS"),
        (("tar", None), f"{base}/images/{inst.name}.tar")])
    w.say(path)
    handle = Handle(mount, inst, key, os.open(mount.path(path), os.O_RDONLY), inst.export, None)
    handle.on_node = True
    w.handles.append(handle)


class Read:
    """One pread; tells whether what it got is right, against the truth of an export."""

    def __init__(self, at, size):
        self.at, self.size, self.data = at, size, None

    def act(self, w, handle):
        if w.rnd.random() < 0.2:
            os.posix_fadvise(handle.fd, 0, 0, os.POSIX_FADV_DONTNEED)
        self.data, err = within_a_minute(os.pread, handle.fd, self.size, self.at)
        return err

    def check(self, truth, handle, early):
        truth.check_read(f"{handle} at {self.at}", handle.key, self.at, self.size, self.data)

    def __str__(self):
        return f"{self.size} bytes at {self.at}"


class Seek:
    def __init__(self, at, whence):
        self.at, self.whence, self.answer = at, whence, None

    def act(self, w, handle):
        self.answer = within_a_minute(os.lseek, handle.fd, self.at, self.whence)
        return 0 if self.answer[1] == errno.ENXIO else self.answer[1]

    def check(self, truth, handle, early):
        check = truth.check_early_seek if early else truth.check_seek
        check(f"{handle} at {self.at}", handle.key, self.at, self.whence, self.answer)

    def __str__(self):
        return f"{'data' if self.whence == os.SEEK_DATA else 'hole'} at {self.at}"


def use(w, handle, action):
    """Reads or seeks through a handle: the first such act on what is not fresh exports."""
    inst, e = handle.inst, handle.export
    w.say(f"{handle}: {action}")
    before, started = w.runs(), time.time()
    err = action.act(w, handle)
    if not e:
        first_use(w, handle, action, err, started, before)
        return
    if err:
        w.fail(f"{handle}: {action}: {os.strerror(err)}")
    action.check(e.truth, handle, False)
    if not handle.on_node:
        inst.was_read(e)


def first_use(w, handle, action, err, started, before):
    """Of a handle that was opened for a T that was not published then."""
    inst, mount, t = handle.inst, handle.mount, handle.promise
    w.settle()
    ran = w.runs() - before
    published = inst.export and inst.export.t == t
    if not published and t != inst.promise:
        # somebody's export or failure came before it, or the sizes changed
        if not err or ran:
            w.fail(f"{handle}: reads, though that is gone ({ran} runs)")
        return
    if published:
        if err or ran:
            w.fail(f"{handle}: was published, reading it gives {err}, {ran} runs")
    elif mount in inst.failed:
        if err != inst.failed[mount] or ran:
            w.fail(f"{handle}: failed with {inst.failed[mount]} lately, a reader gets {err}, {ran} runs")
        return
    elif w.veto:
        w.expected_runs += 1
        if err != errno.EPERM or ran != 1:
            w.fail(f"{handle}: a hook refuses, a reader gets {err}, {ran} runs")
        inst.give_up(t)
        inst.failed[mount] = errno.EPERM
        w.notice_given_up(inst)
        return
    else:
        w.expected_runs += 1
        if err or ran != 1:
            w.fail(f"{handle}: a reader of what is not fresh gets {err}, {ran} runs")
        w.published(inst, started, mount, t)
    handle.export = inst.export
    action.check(handle.export.truth, handle, not published)
    inst.was_read(handle.export)


def pick_handle(w):
    """One that is open, rather one of an export that was replaced since."""
    if not w.handles:
        open_image(w)
    old = [h for h in w.handles if h.export and h.export is not h.inst.export]
    return w.rnd.choice(old if old and w.rnd.random() < 0.3 else w.handles)


def read_some(w):
    handle = pick_handle(w)
    at = w.rnd.randrange(max(os.fstat(handle.fd).st_size, 1))
    use(w, handle, Read(at, w.rnd.choice([1, 512, 5000, 70000])))


def read_all(w):
    handle = pick_handle(w)
    size = os.fstat(handle.fd).st_size
    at = w.rnd.choice([0, w.rnd.randrange(max(size, 1))])
    use(w, handle, Read(at, size - at))


def seek_some(w):
    handle = pick_handle(w)
    size = os.fstat(handle.fd).st_size
    whence = w.rnd.choice([os.SEEK_DATA, os.SEEK_HOLE])
    for at in (size, size + 1):  # there is nothing to look for, so nothing starts
        if within_a_minute(os.lseek, handle.fd, at, whence) != (None, errno.ENXIO):
            w.fail(f"{handle}: a seek at {at} is not ENXIO")
    for _ in range(3):
        use(w, handle, Seek(w.rnd.randrange(size), whence))
        whence = os.SEEK_DATA + os.SEEK_HOLE - whence


def close_one(w):
    if w.handles:
        w.close(w.rnd.choice(w.handles))


def look_at_all(w):
    """Whatever only looks starts nothing."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL if w.offline else None}
    at = w.pick_mount().at
    subprocess.run(["ls", "-lR", at], check=not w.offline, **quiet)
    subprocess.run(f"find {at} -type f -size +1k -newermt 2000-01-01 | wc -l; du -s {at}; "
                   f"cat {at}/status {at}/metrics {at}/instances/*/[clps]*", shell=True,
                   check=True, **quiet)
    for inst in w.instances.values():
        w.look(inst)


def pull_fresh(w):
    """All files of a fresh export, one after the other."""
    fresh = [i for i in w.instances.values() if i.fresh()]
    if not fresh:
        return
    inst, mount = w.rnd.choice(fresh), w.pick_mount()
    w.say(inst.name)
    for key, path in w.files(inst):
        with open(mount.path(path), "rb") as f:
            inst.export.truth.check_read(path, key, 0, 1 << 30, f.read())
        inst.was_read(inst.export)


STEPS = [
    (open_image, 20), (open_on_node, 6), (read_some, 26), (read_all, 8), (seek_some, 8),
    (close_one, 12), (look_at_all, 3), (pull_fresh, 4),
]

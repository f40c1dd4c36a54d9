"""What the walker does: one function per step, chosen by weight (STEPS, at the end)."""
import errno
import os
import subprocess
import sys
import time

from walk_world import Handle


def any_instance(w, running=None):
    return w.rnd.choice([i for i in w.instances.values() if running in (None, i.running)])


def bytes_of(handle):
    """What a handle's file holds, or None: not known."""
    e = handle.export
    if handle.kind == "disk":
        return handle.inst.content(handle.disk, e.generations[handle.disk], e.sizes[handle.disk])
    if handle.kind == "tar":
        return e.tar
    return None


def open_image(w):
    """Opens a file of an image: never starts anything."""
    inst = any_instance(w)
    kind, disk, path = w.rnd.choice(list(w.files(inst)))
    w.look(inst)
    w.say(path)
    handle = Handle(inst, kind, disk, w.open(path), None, None)
    w.handles.append(handle)
    t = int(os.fstat(handle.fd).st_mtime) - (kind == "sums")
    inst.saw(t, w.fail)
    if inst.export and t == inst.export.t:
        handle.export = inst.export
    else:
        handle.promise = t


def open_on_node(w):
    """Opens what lies on a node: reading it never starts anything."""
    having = [i for i in w.instances.values() if i.export and i.export.node not in w.offline]
    if not having:
        return
    inst = w.rnd.choice(having)
    e = inst.export
    disk = w.rnd.randrange(len(e.sizes))
    kind, path = w.rnd.choice([
        ("disk", f"nodes/{e.node}/exports/{inst.name}/disk{disk}.raw"),
        ("tar", f"nodes/{e.node}/images/{inst.name}.tar")])
    w.say(path)
    w.handles.append(Handle(inst, kind, disk, w.open(path), e, None))


def use(w, action):
    """Reads or seeks through a handle: the first such act of a handle on what is not fresh exports."""
    if not w.handles:
        return open_image(w)
    handle = w.rnd.choice(w.handles)
    inst, started = handle.inst, time.time()
    size = os.fstat(handle.fd).st_size
    at = w.rnd.randrange(max(size, 1))
    w.say(f"{inst.name} {handle.kind} {handle.disk} at {at}")
    before = w.runs()
    data, err = action(w, handle, at, size)
    if handle.export:  # published when it was opened, or read before
        if err:
            w.fail(f"{inst.name}: reading the export {handle.export.t} fails: {os.strerror(err)}")
        if handle.kind == "tar" and handle.export.tar is None and handle.export is inst.export and inst.fresh():
            w.pull(inst)
        wanted = bytes_of(handle)
        if wanted is not None and data is not None and data != wanted[at:at + len(data)]:
            w.fail(f"{inst.name}: wrong bytes at {at} of {handle.kind} {handle.disk}")
        return None
    return first_use(w, handle, data, err, started, before)


def first_use(w, handle, data, err, started, before):
    inst = handle.inst
    w.settle()
    ran = w.runs() - before
    if handle.promise != inst.promise and not (inst.export and inst.export.t == handle.promise):
        # its version is gone: somebody's export or failure came before it, or the sizes changed
        if not err or ran:
            w.fail(f"{inst.name}: a handle of {handle.promise} reads, though that is gone ({ran} runs)")
    elif inst.export and inst.export.t == handle.promise:
        handle.export = inst.export
        if err or ran:
            w.fail(f"{inst.name}: {handle.promise} was published, reading it gives {err}, {ran} runs")
    elif inst.failed:
        if err != inst.failed or ran:
            w.fail(f"{inst.name}: it failed with {inst.failed} lately, a reader gets {err}, {ran} runs")
    elif w.veto:
        w.expected_runs += 1
        if err != errno.EPERM or ran != 1:
            w.fail(f"{inst.name}: a hook refuses, a reader gets {err}, {ran} runs")
        inst.run_failed(errno.EPERM, handle.promise, True)
    else:
        w.expected_runs += 1
        if err or ran != 1:
            w.fail(f"{inst.name}: a reader of what is not fresh gets {err}, {ran} runs")
        w.published(inst, started, handle.promise)
        handle.export = inst.export
    if not err:
        wanted = bytes_of(handle)
        if wanted is not None and data is not None and data not in wanted:
            w.fail(f"{inst.name}: the first bytes are not of its export: {data[:60]!r}")


def read_some(w):
    use(w, lambda w, h, at, size: w.read(h.fd, w.rnd.choice([1, 512, 5000, 70000]), at))


def read_all(w):
    def action(w, handle, at, size):
        data, err = w.read(handle.fd, size - at, at)
        if not err and len(data) != size - at:
            w.fail(f"{handle.inst.name}: {len(data)} bytes at {at} of {size}")
        return data, err
    use(w, action)


def seek_some(w):
    def action(w, handle, at, size):
        try:
            hole = os.lseek(handle.fd, at, os.SEEK_HOLE)
            if not at <= hole <= size:
                w.fail(f"a hole at {hole} behind {at} of {size}")
            return None, 0
        except OSError as e:
            return None, e.errno
    use(w, action)


def close_one(w):
    if w.handles:
        w.close(w.rnd.choice(w.handles))


def look_at_all(w):
    """Whatever only looks starts nothing."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL if w.offline else None}
    subprocess.run(["ls", "-lR", w.m], check=not w.offline, **quiet)
    subprocess.run(f"find {w.m} -type f -size +1k -newermt 2000-01-01 | wc -l; du -s {w.m}; "
                   f"cat {w.m}/status {w.m}/metrics {w.m}/instances/*/[clps]*", shell=True,
                   check=True, **quiet)
    for inst in w.instances.values():
        w.look(inst)


def pull_fresh(w):
    fresh = [i for i in w.instances.values() if i.fresh()]
    if fresh:
        w.pull(w.rnd.choice(fresh))


def touch(w):
    """An explicit export, fresh or not."""
    inst = any_instance(w)
    nodes = sorted(os.listdir(f"{w.c}/nodes"))
    node = w.rnd.choice(nodes)
    path = w.rnd.choice([f"images/{inst.name}.tar", f"instances/{inst.name}/export",
                         f"nodes/{node}/images/{inst.name}.tar"])
    w.look(inst)
    w.say(path)
    started = time.time()
    touched = subprocess.run(["touch", f"{w.m}/{path}"], capture_output=True, text=True, check=False)
    if path.startswith("nodes") and node in w.offline:
        if touched.returncode == 0:
            w.fail(f"a touch for the offline {node} works")
        return
    if touched.returncode:
        w.fail(f"touch {path}: {touched.stderr}")
    w.settle()
    w.expected_runs += 1
    if w.veto:
        inst.run_failed(errno.EPERM, inst.promise, False)
        return
    w.published(inst, started)
    if path.startswith("nodes") and inst.export.node != node:
        w.fail(f"{inst.name} lies on {inst.export.node}, not on {node}")


def params(w):
    """Bad parameters are refused, and what was there stays."""
    inst = any_instance(w)
    path = f"{w.m}/instances/{inst.name}/params"
    before = w.text(f"instances/{inst.name}/params")
    try:
        with open(path, "w", encoding="utf-8") as f:
            f.write(w.rnd.choice(["nonsense = 1\n", "shutdown = perhaps\n", "target_node\n", "= 3\n"]))
        w.fail("bad params are taken")
    except OSError as e:
        if e.errno != errno.EINVAL:
            w.fail(f"bad params: {e}")
    if w.text(f"instances/{inst.name}/params") != before:
        w.fail("bad params have changed something")


def target_nowhere(w):
    """A target that is not there: refused before anything runs, by touch and by reading."""
    inst = any_instance(w)
    path = f"{w.m}/instances/{inst.name}/params"
    with open(path, "w", encoding="utf-8") as f:
        f.write("target_node = nowhere.example.com\n")
    inst.failed = None  # other params, another attempt
    tar = f"{w.m}/images/{inst.name}.tar"
    touched = subprocess.run(["touch", tar], capture_output=True, text=True, check=False)
    if touched.returncode == 0 or "No such file" not in touched.stderr:
        w.fail(f"touch for an unknown node: {touched.stderr}")
    w.look(inst)
    if inst.fresh() is False:
        fd = os.open(tar, os.O_RDONLY)
        err = w.read(fd, 1, 0)[1]
        os.close(fd)
        if err != errno.ENOENT:
            w.fail(f"a reader for an unknown node gets {err}")
    with open(path, "w", encoding="utf-8"):
        pass  # the defaults


def guest_writes(w):
    inst = any_instance(w)
    disk = w.rnd.randrange(len(inst.sizes))
    w.say(f"{inst.name} disk{disk}")
    w.write_disk(inst, disk)


def grow(w):
    inst = any_instance(w, running=False)
    disk = w.rnd.randrange(len(inst.sizes))
    if inst.sizes[disk] > 1 << 20:
        return
    w.say(f"{inst.name} disk{disk}")
    inst.sizes[disk] += 65536
    os.truncate(w.disks_of(inst.name)[disk], inst.sizes[disk])
    w.write_disk(inst, disk)
    mib = -(-inst.sizes[disk] // (1 << 20))
    path = f"instances/{inst.name}/config.ini"
    w.wait("the growth is seen", lambda: f"disk{disk}_size = {mib}" in w.text(path) and
           f"bytes: {sum(inst.sizes)}\n" in w.text(f"instances/{inst.name}/status"))
    if inst.promise:  # it was for the old size
        inst.given_up.add(inst.promise)
        inst.promise = None


def edit_ini(w):
    inst = any_instance(w)
    inst.memory += 128
    path = f"{w.c}/instances/{inst.name}.ini"
    with open(path, encoding="utf-8") as f:
        lines = [f"maxmem = {inst.memory}\n" if line.startswith("maxmem") else line for line in f]
    with open(f"{w.c}/instances/.new", "w", encoding="utf-8") as f:
        f.writelines(lines)
    os.rename(f"{w.c}/instances/.new", path)
    inst.edited = True
    w.wait("the edit is seen", lambda: f"maxmem = {inst.memory}\n" in w.text(f"instances/{inst.name}/config.ini"))


def grow_old(w):
    """Two hours pass for one export."""
    having = [i for i in w.instances.values() if i.export and i.export.node not in w.offline]
    if not having:
        return
    inst = w.rnd.choice(having)
    then = time.time() - 7200
    os.utime(w.export_dir(inst.export.node, inst.name), (then, then))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(then))
    w.say(inst.name)
    w.wait("the age is seen", lambda: f"published: {stamp}" in w.text(f"instances/{inst.name}/status"))
    inst.export.old = True


def veto(w):
    w.veto = not w.veto
    path = f"{w.c}/veto"
    if w.veto:
        with open(path, "w", encoding="utf-8"):
            pass
    else:
        os.unlink(path)
    w.say(str(w.veto))
    for inst in w.instances.values():  # an administrator lets readers try again at once
        with open(f"{w.m}/instances/{inst.name}/params", "w", encoding="utf-8"):
            pass
        inst.failed = None


READER = "import os, sys; os.read(os.open(sys.argv[1], os.O_RDONLY), 1 << 20)"


def killed_reader(w):
    """A reader that waits in the middle of a run is killed: the run is rolled back."""
    inst = any_instance(w)
    w.look(inst)
    if inst.fresh() is not False or inst.failed:
        return
    with open(f"{w.c}/gate", "w", encoding="utf-8"):
        pass
    readers = [subprocess.Popen([sys.executable, "-c", READER, f"{w.m}/images/{inst.name}.tar"])
               for _ in range(w.rnd.choice([1, 1, 2]))]
    w.wait("the run is at the gate", lambda: w.runs() == w.expected_runs + 1)
    look_at_all(w)
    started = time.time()
    readers[0].kill()
    readers[0].wait()
    w.expected_runs += 1
    if len(readers) == 2 and not w.veto:
        os.unlink(f"{w.c}/gate")
        if readers[1].wait(60) != 0:
            w.fail("one reader of two is killed, and the other fails")
        w.settle()
        w.published(inst, started, inst.promise)
        return
    for reader in readers[1:]:
        reader.kill()
        reader.wait()
    w.wait("nobody waits for it, so it ends", w.idle)
    os.unlink(f"{w.c}/gate")


def node_away(w):
    """A node goes offline or comes back; who needs it is told so, nobody else minds."""
    node = w.rnd.choice(sorted(os.listdir(f"{w.c}/nodes"))[1:])
    if node not in w.offline and (w.offline or any(
            i.export and i.export.node == node for i in w.instances.values())):
        return
    w.say(node)
    away = node not in w.offline
    (w.offline.add if away else w.offline.remove)(node)
    with open(f"{w.c}/nodes/{node}/.new", "w", encoding="utf-8") as f:
        f.write(f"[node]\noffline = {away}\n")
    os.rename(f"{w.c}/nodes/{node}/.new", f"{w.c}/nodes/{node}/node.ini")
    state = "offline" if away else "online"
    w.wait(state, lambda: f"state: {state}\n" in w.text(f"nodes/{node}/status"))


def remount(w):
    w.stop()
    w.start()
    forget_failures(w)


def crash(w):
    w.kill()
    w.start()
    forget_failures(w)


def forget_failures(w):
    for inst in w.instances.values():
        inst.failed = None
    look_at_all(w)


def promised(path):
    st = os.stat(path)
    return st.st_size, st.st_mtime, st.st_ctime, st.st_ino


def second_mount(w):
    """Another mount of the same cluster says the same."""
    for inst in w.instances.values():
        w.look(inst)
    at = f"{w.m}.2"
    os.makedirs(at, exist_ok=True)
    other = subprocess.Popen([w.gnt, "-f", "-o", "max_age=3600,linger=0", w.c, at])
    try:
        w.wait("the second mount is there", lambda: os.path.ismount(at))
        for inst in w.instances.values():
            for _, _, path in w.files(inst):
                # a disk that was written to is seen by each in its own time
                w.wait(f"{path}: two mounts agree", lambda: promised(f"{w.m}/{path}") == promised(f"{at}/{path}"))
    finally:
        subprocess.run(["umount", "-l", at], check=False)
        other.wait(30)


STEPS = [
    (open_image, 20), (open_on_node, 6), (read_some, 26), (read_all, 8), (seek_some, 8),
    (close_one, 12), (look_at_all, 3), (pull_fresh, 4), (touch, 6), (params, 2),
    (target_nowhere, 2), (guest_writes, 6), (grow, 1), (edit_ini, 2), (grow_old, 4), (veto, 1),
    (killed_reader, 4), (node_away, 1), (remount, 1), (crash, 0.5), (second_mount, 1),
]

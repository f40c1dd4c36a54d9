"""What administrators, guests and nodes do, for walk.py: one function per step."""
import errno
import os
import subprocess
import time

from walk_model import MAX_AGE
from walk_mount import ends_well
from walk_steps import any_instance, look_at_all
from walk_world import within_a_minute


def touch(w):
    """An explicit export, fresh or not."""
    inst, mount = any_instance(w), w.pick_mount()
    node = w.rnd.choice(w.nodes())
    path = w.rnd.choice([f"images/{inst.name}.tar", f"instances/{inst.name}/export",
                         f"nodes/{node}/images/{inst.name}.tar"])
    w.look(inst)
    w.say(path)
    started = time.time()
    touched = subprocess.run(["touch", mount.path(path)], capture_output=True, text=True, check=False)
    if path.startswith("nodes") and node in w.offline:
        if touched.returncode == 0:
            w.fail(f"a touch for the offline {node} works")
        return
    if touched.returncode:
        w.fail(f"touch {path}: {touched.stderr}")
    w.settle()
    w.expected_runs += 1
    if w.veto:
        inst.give_up(inst.promise)
        inst.failed.pop(mount, None)
        w.notice_given_up(inst)
        return
    w.published(inst, started, mount)
    if path.startswith("nodes") and inst.export.node != node:
        w.fail(f"{inst.name} lies on {inst.export.node}, not on {node}")


def params(w):
    """Bad parameters are refused, and what was there stays."""
    name = f"instances/{any_instance(w).name}/params"
    mount = w.pick_mount()
    before = mount.text(name)
    try:
        with open(mount.path(name), "w", encoding="utf-8") as f:
            f.write(w.rnd.choice(["nonsense = 1\n", "shutdown = perhaps\n", "target_node\n", "= 3\n"]))
        w.fail("bad params are taken")
    except OSError as e:
        if e.errno != errno.EINVAL:
            w.fail(f"bad params: {e}")
    for m in w.mounts():
        if m.text(name) != before:
            w.fail("bad params have changed something")


def target_nowhere(w):
    """A target that is not there: refused before anything runs, by touch and by reading."""
    inst, mount = any_instance(w), w.pick_mount()
    w.write_params(inst, "target_node = nowhere.example.com\n")
    tar = mount.path(f"images/{inst.name}.tar")
    if subprocess.run(["touch", tar], capture_output=True, check=False).returncode == 0:
        w.fail("a touch for an unknown node works")
    w.look(inst)
    if inst.fresh() is False:
        fd = os.open(tar, os.O_RDONLY)
        err = within_a_minute(os.pread, fd, 1, 0)[1]
        os.close(fd)
        if err != errno.ENOENT:
            w.fail(f"a reader for an unknown node gets {err}")
    w.write_params(inst, "")  # the defaults


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
    path = f"instances/{inst.name}/"
    w.wait_shown("the growth", lambda m: f"disk{disk}_size = {mib}" in m.text(f"{path}config.ini") and
                 f"bytes: {sum(inst.sizes)}\n" in m.text(f"{path}status"))
    if inst.promise and inst.export:
        inst.export.over = True
    inst.give_up(inst.promise)  # it was for the old size


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
    config = f"instances/{inst.name}/config.ini"
    w.wait_shown("the edit", lambda m: f"maxmem = {inst.memory}\n" in m.text(config))


def grow_old(w):
    """Two or four hours pass for one export."""
    if not w.having_export():
        return
    inst = w.rnd.choice(w.having_export())
    e = inst.export
    e.age = max(e.age, w.rnd.choice([2 * MAX_AGE, 2 * MAX_AGE, 4 * MAX_AGE]))
    then = int(time.time()) - e.age
    os.utime(w.export_dir(e.node, inst.name), (then, then))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(then))
    w.say(f"{inst.name} by {e.age}{', read' if e.read else ''}")
    w.wait_shown("the age", lambda m: f"published: {stamp}" in m.text(f"instances/{inst.name}/status"))
    w.look(inst)


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
        w.write_params(inst, "")


def node_away(w):
    """A node goes offline or comes back; who needs it is told so, nobody else minds."""
    node = w.rnd.choice(w.nodes()[1:])
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
    w.wait_shown(state, lambda m: f"state: {state}\n" in m.text(f"nodes/{node}/status"))


def new_options(w):
    """Before the next mount; another one that stays has the same."""
    for inst in w.instances.values():
        w.look(inst)  # whatever is stale by the old ones stays so
    if not w.other.process:
        w.rules.linger, w.rules.hold = w.rnd.choice(w.rules.CHOICES)
    w.say(w.rules.options())


def remount(w):
    """Handles of before go on as if nothing was; with the last one their daemon ends."""
    new_options(w)
    kept = [h for h in w.handles if h.mount is w.main and h.export][-3:]
    for handle in [h for h in w.handles if h.mount is w.main and h not in kept]:
        w.close(handle)
    process = w.main.detach()
    w.start(w.main)
    w.forget(w.main)
    for handle in kept:
        data = within_a_minute(os.pread, handle.fd, 5000, 100)
        if data[1]:
            w.fail(f"{handle}: after an unmount: {os.strerror(data[1])}")
        handle.export.truth.check_read(f"{handle}, unmounted", handle.key, 100, 5000, data[0])
        if not handle.on_node:
            handle.inst.was_read(handle.export)
        w.close(handle)
    ends_well(process)
    look_at_all(w)


def dies(w, mount):
    """Killed, and mounted again: whatever was open fails, and nothing hangs."""
    mount.kill()
    for handle in [h for h in w.handles if h.mount is mount]:
        data, err = within_a_minute(os.pread, handle.fd, 5000, 0)
        if not err and handle.export:  # the kernel has it
            handle.export.truth.check_read(f"{handle}, of the dead", handle.key, 0, 5000, data)
        elif err not in (errno.ENOTCONN, errno.ECONNABORTED):
            w.fail(f"{handle}: its daemon was killed, a reader gets {err}")
        err = within_a_minute(os.close, handle.fd)[1]
        if err not in (0, errno.ENOTCONN):
            w.fail(f"{handle}: its daemon was killed, closing it gives {err}")
        w.handles.remove(handle)
    w.start(mount)
    w.forget(mount)


def crash(w):
    mount = w.pick_mount()
    if mount is w.main:
        new_options(w)
    dies(w, mount)
    look_at_all(w)


def second_mount(w):
    """Another mount of the same cluster comes, or goes."""
    if w.other.process:
        w.close_all(w.other)
        w.other.stop()
        w.forget(w.other)
    else:
        w.start(w.other)
    for inst in w.instances.values():
        w.look(inst)


STEPS = [
    (touch, 6), (params, 2), (target_nowhere, 2), (guest_writes, 6), (grow, 1), (edit_ini, 2),
    (grow_old, 8), (veto, 1), (node_away, 1), (remount, 1.5), (crash, 0.7), (second_mount, 1.5),
]

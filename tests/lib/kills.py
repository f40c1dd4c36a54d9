#!/usr/bin/env python3
"""Kills mounts of a cluster, and looks what becomes of their exports.

kills.py CLUSTER TOP DAEMON HOW ROUNDS SEED

HOW: random   at any moment, also in recovery; who recovers is the next mount, or one that lives
     states   in each state of the diagram of export/journal.c, ROUNDS times in each
     mounts   one of three mounts that all export and edit; the others go on

CLUSTER was made by cluster.sh (kills.sh); TOP is for mount points.  The name of an instance says how
it is exported (kills_world.py).
"""
import random
import subprocess
import sys
import time

from kills_world import NODES, Broken, World


def victims(w, prefix=""):
    return [i for i in w.instances.values() if i.name.startswith(prefix)]


def elsewhere(w, inst):
    """A node on which it does not lie."""
    return w.rnd.choice([n for n in NODES if n not in w.copies(inst)])


def works_again(w, at, inst):
    """A new export of it, and all is in order again."""
    w.bring_back(inst)
    inst.renew()
    w.touch(at, inst, elsewhere(w, inst))
    w.wait("the export ends", lambda: w.idle(at))
    if inst.known() and "job_state: success" not in w.status(at, inst):
        raise Broken("\n".join(w.status(at, inst)))
    w.check_settled(at)
    if inst.exported != inst.version:
        raise Broken(f"{inst.name}: version {inst.exported} is exported, not {inst.version}")


def after_kill(w, at, note):
    """What the dead leave is whole before anybody does anything."""
    note(f"states: {', '.join(f'{i.name} {w.state_of(i)}' for i in w.instances.values())}")
    for inst in w.instances.values():
        w.check_copies(inst)
    w.gone(at)


def random_round(w, note):
    other = next((at for at in w.mounts), None)
    if other and w.rnd.random() < 0.3:
        w.unmount(other)
        other = None
    at = w.mount(w.rnd.choice((0, 1, 2, 4)))
    w.bring_back(*w.instances.values())
    some = w.rnd.sample(sorted(w.instances.values(), key=lambda i: i.name), w.rnd.choice((1, 1, 2, 3)))
    for inst in some:
        inst.renew()
        node = w.rnd.choice(NODES)
        note(f"{at}: {inst.name} to {node}")
        w.touch(at, inst, node)
    time.sleep(w.rnd.random() ** 2 * 0.8)
    w.kill(at)
    after_kill(w, at, note)
    if w.rnd.random() < 0.2:  # in recovery, too
        at = w.mount(w.rnd.choice((1, 3)))
        time.sleep(w.rnd.random() * 0.2)
        w.kill(at)
        after_kill(w, at, note)
    if not other or w.rnd.random() < 0.7:
        other = w.mount()
        note(f"{other} recovers")
    else:
        note(f"{other} lives and recovers")
    w.check_settled(other)
    works_again(w, other, some[0])
    for at in [m for m in w.mounts if m != other]:
        w.unmount(at)


# state: whose exports come there
STATES = {"begun": ("snap", "live", "slee", "rest"), "stopped": ("snap", "slee"),
          "publishing": ("snap", "live", "slee", "rest"), "hashing": ("snap", "live"),
          "published": ("snap", "live", "slee", "rest"), "removing": ("gone",)}


def state_round(w, state, note):
    """True if the daemon was killed in that state."""
    at = w.mount(w.rnd.choice((8, 15, 25)))
    w.bring_back(*w.instances.values())
    inst = w.rnd.choice(victims(w, w.rnd.choice(STATES[state])))
    inst.renew()
    node = "node2" if state == "hashing" else elsewhere(w, inst)
    note(f"{inst.name} to {node}, for {state}")
    w.touch(at, inst, node)
    seen = None
    end = time.monotonic() + 30
    while seen != state and time.monotonic() < end and (seen != "none" or w.idle(at) is not True):
        seen = w.state_of(inst)
    time.sleep(w.rnd.random() * 0.05)
    w.kill(at)
    hit = w.state_of(inst)
    after_kill(w, at, note)
    at = w.mount()
    w.check_settled(at)
    works_again(w, at, inst)
    w.unmount(at)
    return hit


def states(w, times, note):
    hits = dict.fromkeys([*STATES, "none"], 0)
    for n in range(20 * times * len(STATES)):
        state = min(STATES, key=lambda s: hits[s])
        if hits[state] >= times:
            break
        hits[state_round(w, state, lambda text, n=n: note(f"{n} {text}"))] += 1
    for state in STATES:
        print(f"{'ok' if hits[state] >= times else 'not ok'} - {state}: killed {hits[state]} times, "
              "in order each time")


def mounts_round(w, note):
    """Three mounts; the one that is killed costs the others nothing."""
    while len(w.mounts) < 3:
        w.mount(w.rnd.choice((0, 0, 2)))
    victim = w.rnd.choice(list(w.mounts))
    w.bring_back(*w.instances.values())
    theirs = {}
    free = sorted(w.instances)
    for at in w.mounts:
        inst = w.instances[free.pop(w.rnd.randrange(len(free)))]
        inst.renew()
        w.touch(at, inst, w.rnd.choice(NODES))
        theirs[at] = inst
    others = [at for at in w.mounts if at != victim]
    if w.rnd.random() < 0.5:  # and now and then they want the same
        try:
            w.touch(others[0], theirs[victim], w.rnd.choice(NODES), must=False)
        except FileNotFoundError:  # it is removed meanwhile
            pass
    for _ in range(w.rnd.randrange(4)):
        w.rnd.choice([i for i in w.instances.values() if i.known() and not i.removable]).edit()
    note(f"{victim} dies of {', '.join(f'{i.name} by {m}' for m, i in theirs.items())}")
    time.sleep(w.rnd.random() * 0.5)
    w.kill(victim)
    after_kill(w, victim, note)
    for at in others:
        w.wait(f"{at} goes on", lambda a=at: w.idle(a))
        inst = theirs[at]
        if inst.known() and "job_state: success" not in w.status(at, inst):
            raise Broken("\n".join(w.status(at, inst)))
    w.check_settled(others[0])
    if w.rnd.random() < 0.2:
        works_again(w, others[1], theirs[victim])


def main():
    cluster, top, daemon, how, rounds, seed = sys.argv[1:]
    print(f"# seed {seed}: SEED={seed} replays it", flush=True)
    w = World(cluster, top, daemon, random.Random(f"{how} {seed}"))
    story = []
    n = 0
    if how == "states" and not w.traced:
        print("cannot trace here, so that no state lasts long enough to be killed in")
        return 77
    try:
        if how == "states":
            states(w, int(rounds), story.append)
        else:
            one = {"random": random_round, "mounts": mounts_round}[how]
            for n in range(int(rounds)):
                one(w, lambda text, n=n: story.append(f"{n} {text}"))
                if n % 100 == 99:
                    print(f"# {n + 1} rounds", flush=True)
            print(f"ok - {rounds} rounds, seed {seed}")
        for at in list(w.mounts):
            w.unmount(at)
        w.mount()
        w.check_state_dir()
    except (Broken, OSError, subprocess.SubprocessError) as e:
        print(f"not ok - seed {seed}: {type(e).__name__} {e}")
        for line in story[-12:]:
            print(f"#   {line}")
        subprocess.run(f"cd {cluster}; grep -r . state/journal; ls -laR nodes/*/export/; "
                       f"head -30 {top}/m*/status; tail -20 {top}/daemon.log", shell=True,
                       check=False, timeout=60)
        return 1
    finally:
        for at, process in w.mounts.items():
            w.gone(at)
            process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())

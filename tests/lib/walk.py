#!/usr/bin/env python3
"""A random walk over a mounted cluster, compared with a model after every step.

walk.py CLUSTER MOUNT RUNS DAEMON STEPS SEED

CLUSTER was made by cluster.sh with instances named run* (running, on a file system with reflinks)
and rest* (stopped), of two disks each.  RUNS gets a line for every run of the export LU, from a
hook; while the file CLUSTER/veto is there a hook refuses, while CLUSTER/gate is there one waits.
The steps are in walk_steps.py, walk_admin.py and walk_kills.py, the rules in walk_model.py.
"""
import os
import random
import subprocess
import sys
import time

import walk_admin
import walk_kills
import walk_steps
import walk_world
from walk_mount import Difference


def tell(w, what):
    for mount in w.mounts():
        subprocess.run(f"sed 's/^/#   /' {mount.at}/instances/*/status {mount.at}/status", shell=True,
                       check=False, timeout=20)
    print("# the last steps:")
    for line in w.story[-25:]:
        print(f"#   {line}")
    print(f"not ok - {what}", flush=True)


def main():
    cluster, mount, runs, daemon, steps, seed = sys.argv[1:]
    print(f"# seed {seed}: SEED={seed} replays it", flush=True)
    w = walk_world.World(cluster, mount, runs, daemon, random.Random(int(seed)))
    all_steps = walk_steps.STEPS + walk_admin.STEPS + walk_kills.STEPS
    names, weights = zip(*all_steps)
    w.start(w.main)
    end = time.monotonic() + float(os.environ.get("WALK_SECONDS", 1e9))
    try:
        for n in range(int(steps)):
            if time.monotonic() > end:
                print(f"# {n} steps in the time that there was")
                break
            step = w.rnd.choices(names, weights)[0]
            w.begin(n, step.__name__)
            step(w)
            w.compare()
        w.at_rest()
        for m in w.mounts():
            w.close_all(m)
            m.stop()
    except Difference as e:
        tell(w, f"seed {seed}: {e}")
        return 1
    except BaseException:
        tell(w, f"seed {seed}: the walk itself stumbles")
        raise
    finally:
        for m in w.mounts():
            m.kill()
    print(f"ok - {steps} steps, seed {seed}: {w.summary()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

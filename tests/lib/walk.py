#!/usr/bin/env python3
"""A random walk over a mounted cluster, compared with a model after every step.

walk.py CLUSTER MOUNT RUNS DAEMON STEPS SEED

CLUSTER was made by cluster.sh with instances named run* (running, on a file system with reflinks)
and rest* (stopped).  RUNS gets a line for every run of the export LU, from a hook; while the file
CLUSTER/veto is there a hook refuses, while CLUSTER/gate is there one waits.  The steps are in
walk_steps.py, the rules in walk_model.py.
"""
import os
import random
import subprocess
import sys
import time

from walk_steps import STEPS

import walk_world


def main():
    cluster, mount, runs, daemon, steps, seed = sys.argv[1:]
    print(f"# seed {seed}: SEED={seed} replays it", flush=True)
    w = walk_world.World(cluster, mount, runs, daemon, random.Random(int(seed)))
    names, weights = zip(*((step, weight) for step, weight in STEPS))
    w.start()
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
        w.close_all()
        w.at_rest()
    except walk_world.Difference as e:
        print(f"not ok - seed {seed}: {e}")
        print("# the last steps:")
        for line in w.story[-25:]:
            print(f"#   {line}")
        subprocess.run(f"sed 's/^/#   /' {mount}/instances/*/status {mount}/status", shell=True,
                       check=False, timeout=20)
        return 1
    finally:
        w.stop()
    print(f"ok - {steps} steps, seed {seed}: {w.summary()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

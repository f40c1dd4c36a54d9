#!/usr/bin/env python3
"""Prints the seconds that random reads of a file take: random_reads.py FILE SIZE THREADS cold|hot

fio does them, in one process, a thread a share; hot: all of the file is read beforehand, untimed.
"""
import json
import subprocess
import sys

PER_THREAD = {"cold": {"4k": 8 << 20, "64k": 64 << 20}, "hot": {"4k": 256 << 20, "64k": 1 << 30}}


def main():
    path, size, threads, state = sys.argv[1:]
    if state == "hot":
        with open(path, "rb", buffering=0) as f:
            while f.read(1 << 20):
                pass
    out = subprocess.run(
        ["fio", "--name=r", f"--filename={path}", "--rw=randread", f"--bs={size}", "--readonly", "--ioengine=psync",
         "--thread", f"--numjobs={threads}", f"--io_size={PER_THREAD[state][size] // int(threads)}", "--group_reporting",
         "--invalidate=0", "--randrepeat=0", "--norandommap", "--fadvise_hint=random", "--output-format=json"],
        check=True, text=True, stdout=subprocess.PIPE).stdout
    job = json.loads(out[out.index("{"):])["jobs"][0]["read"]
    print(job["runtime"] / 1000 if job["runtime"] > 100 else job["io_bytes"] / (job["bw_bytes"] or 1))


main()

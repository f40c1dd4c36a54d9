#!/usr/bin/env python3
"""Makes a cluster directory of many small instances, each exported once, out of one that is.

big_cluster.py CLUSTER TEMPLATE INSTANCES NODES     instance TEMPLATE has been exported to node1
big_cluster.py mirror MOUNT DIRECTORY               the same names, sizes and directories in a file system
"""
import os
import subprocess
import sys


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def make(cluster, template, instances, nodes):
    source = f"{cluster}/nodes/node1.example.com/export/{template}"
    with open(f"{cluster}/instances/{template}.ini", encoding="utf-8") as f:
        ini = f.read()
    with open(f"{source}/config.ini", encoding="utf-8") as f:
        config = f.read()
    with open(f"{source}/XXH128SUMS", encoding="utf-8") as f:
        disk_sum = [line for line in f if "disk0" in line][0]
    with open(f"{source}/disk0.raw", "rb") as f:
        data = f.read()
    for n in range(1, nodes + 1):
        os.makedirs(f"{cluster}/nodes/node{n}.example.com/export", exist_ok=True)
    places = {}
    for i in range(instances):
        name = f"vm{i:05}.example.com"
        disk = f"{cluster}/disks/{name}.disk0"
        with open(disk, "wb") as f:
            f.write(data)
        write(f"{cluster}/instances/{name}.ini", ini.replace(f"{template}.disk0", f"{name}.disk0").replace(template, name))
        places[name] = f"{cluster}/nodes/node{1 + i % nodes}.example.com/export/{name}"
        os.mkdir(places[name])
        padded = config.replace(template, name)
        write(f"{places[name]}/config.ini", padded[:len(config) - 2].ljust(len(config) - 1, "#") + "\n")
        with open(f"{places[name]}/disk0.raw", "wb") as f:
            f.write(data)
    sums = subprocess.run(["xargs", "xxh128sum"], text=True, check=True, stdout=subprocess.PIPE,
                          input="\n".join(f"{p}/config.ini" for p in places.values())).stdout
    for line in sums.splitlines():
        value, path = line.split("  ", 1)
        write(os.path.dirname(path) + "/XXH128SUMS", f"{value}  config.ini\n{disk_sum}")


def mirror(mount, directory):
    for path, dirs, files in os.walk(mount):
        here = directory + path[len(mount):]
        for name in dirs:
            os.mkdir(f"{here}/{name}")
        for name in files:
            fd = os.open(f"{here}/{name}", os.O_WRONLY | os.O_CREAT, 0o644)
            os.truncate(fd, os.lstat(f"{path}/{name}").st_size)
            os.close(fd)


if sys.argv[1] == "mirror":
    mirror(*sys.argv[2:])
else:
    make(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

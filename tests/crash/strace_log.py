"""What a log of strace -f -y tells of changes to the file system.

    for thread, op in changes(open(path), INSIDE): ...

INSIDE(path) tells whether a path is of interest.

An op is a tuple: a kind, the path (or two) that it is about, and what belongs to it.

    ("mkdir", path)  ("create", path)  ("unlink", path)  ("rename", from, to)  ("exchange", a, b)
    ("truncate", path, size)  ("write", path, offset, data)  ("clone", path, path of the source)
    ("mtime", path, seconds or None for now)  ("fsync", path)

Calls that failed changed nothing and are left out.  A call that is of interest and not understood is
an error, not a gap.
"""
import ast
import re

TRACE = ("openat,openat2,open,creat,mkdir,mkdirat,write,writev,pwrite64,pwritev,pwritev2,truncate,"
         "ftruncate,fallocate,copy_file_range,sendfile,splice,ioctl,fsync,fdatasync,syncfs,sync,"
         "rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,utimensat")
STRACE = ["strace", "-f", "-y", "-qq", "-s", "1000000", "-e", "trace=" + TRACE, "-e", "signal=none"]


def whole_calls(lines):
    """Joins calls that another thread's interrupted, at the place where they ended."""
    begun, opened_by = {}, {}
    for line in lines:
        pid, _, text = line.rstrip("\n").partition(" ")
        text = text.lstrip()
        if text.endswith("<unfinished ...>"):
            begun[pid] = text[:-len("<unfinished ...>")].rstrip()
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>", text)
        if resumed:
            text = begun.pop(pid) + text[resumed.end():]
        call = re.match(r"(\w+)\((.*)\)\s+= (-?\d+)(<.*>)?", text, re.S)
        if call and int(call[3]) >= 0:
            args = split(call[2])
            if call[4]:
                opened_by[pid, call[3]] = call[3] + call[4]
            if call[1] == "ioctl":  # strace does not know this one for a descriptor
                args[2] = opened_by.get((pid, args[2]), args[2])
            yield pid, call[1], args


def split(text):
    """The arguments, at the commas that are in no string, bracket or path of a descriptor."""
    found, start, depth, i = [], 0, 0, 0
    while i < len(text):
        c = text[i]
        if c == '"':
            i += 1
            while text[i] != '"':
                i += 2 if text[i] == "\\" else 1
        elif c == "<":
            i = text.index(">", i)
        elif c in "[{(":
            depth += 1
        elif c in "]})":
            depth -= 1
        elif c == "," and depth == 0:
            found.append(text[start:i].strip())
            start = i + 1
        i += 1
    return found + [text[start:].strip()]


def data(text):
    if text.endswith("..."):
        raise ValueError("data was cut short in the log")
    return ast.literal_eval("b" + text)


def fd_path(text):
    return text[text.index("<") + 1:text.rindex(">")]


def at(directory, name):
    name = data(name).decode()
    return name if name.startswith("/") else f"{fd_path(directory)}/{name}"


def seconds(text):
    """Of the mtime that utimensat's third argument sets; False when it sets none."""
    if text == "NULL":
        return None
    last = split(text[1:-1])[-1]
    if "UTIME_OMIT" in last:
        return False
    return None if "UTIME_NOW" in last else int(re.search(r"tv_sec=(\d+)", last)[1])


def opened(path, flags):
    if "O_CREAT" in flags:
        yield ("create", path)
    if "O_TRUNC" in flags:
        yield ("truncate", path, 0)


def understood(call, a):
    """The ops of one call; None when it is none that this module knows."""
    if call == "openat":
        return opened(at(a[0], a[1]), a[2])
    if call == "openat2":
        return opened(at(a[0], a[1]), a[2].split("mode=")[0])
    if call in ("mkdirat", "unlinkat"):
        return [(call[:-2], at(a[0], a[1]))]
    if call in ("mkdir", "unlink", "rmdir"):
        return [(call.replace("rmdir", "unlink"), at("<.>", a[0]))]
    if call in ("renameat", "renameat2"):
        kind = "exchange" if "RENAME_EXCHANGE" in a[-1] else "rename"
        return [(kind, at(a[0], a[1]), at(a[2], a[3]))]
    if call == "pwrite64":
        return [("write", fd_path(a[0]), int(a[3]), data(a[1]))]
    if call == "ftruncate":
        return [("truncate", fd_path(a[0]), int(a[1]))]
    if call == "ioctl" and "FICLONE" in a[1]:
        return [("clone", fd_path(a[0]), fd_path(a[2]))]
    if call == "utimensat" and a[1] == "NULL":
        when = seconds(a[2])
        return [] if when is False else [("mtime", fd_path(a[0]), when)]
    if call in ("fsync", "fdatasync"):
        return [("fsync", fd_path(a[0]))]
    return None


def changes(lines, inside):
    for pid, call, args in whole_calls(lines):
        ops = understood(call, args)
        if ops is None:
            if any(inside(p) for arg in args for p in re.findall(r"^\d+<(.*)>", arg)):
                raise ValueError(f"{call}({', '.join(args)[:200]}) is not understood")
            continue
        for op in ops:
            if inside(op[1]) or op[0] == "clone":
                yield pid, op

/* rmtree.c - removal of a tree without recursion.
 *
 * The tree is flattened while it is removed: a directory found inside a directory of the root is
 * moved up into the root itself, under a fresh name, and taken from there later.  So only the root
 * and one of its children are ever open, whatever the depth:
 *
 *     root/a/b/c   ->   root/a, root/.rm-0 (was b) with c in it   ->   root/.rm-1 (was c)   ->   -
 *
 * A pass goes over the root once; passes go on as long as the last one changed something, so an
 * entry that cannot be removed is met again a few times and then given up, with all else gone.
 * A file that is still open has another name afterwards on NFS and FUSE (sshfs): nothing changed.
 * Every directory is opened by one component with symbolic links and mounts refused, and everything
 * below it is done through its descriptor: nobody can lead the removal astray by swapping a name.
 */
#include "export/rmtree.h"

#include "lock/cleanup.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct removal {
    int root;
    dev_t dev;
    unsigned long fresh; /* numbers names of directories moved up */
    bool changed;        /* in this pass */
    int error;           /* first one of this pass */
};

static void note(struct removal *rm, int error)
{
    if (error < 0 && rm->error == 0)
        rm->error = error;
}

/* O_PATH descriptor of a directory, neither through a link nor across a mount. */
static int open_dir_path(int dirfd, const char *name, dev_t dev)
{
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
    };
    long fd = syscall(SYS_openat2, dirfd, name, &how, sizeof how);
    struct stat st;

    if (fd < 0 && errno == ENOSYS)
        fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat((int)fd, &st) < 0 || st.st_dev != dev) {
        close((int)fd);
        return -EXDEV;
    }
    return (int)fd;
}

/* Opens a directory for reading and changing, whatever its mode says. */
static int open_dir(int dirfd, const char *name, dev_t dev, DIR **ret)
{
    CLEANUP_CLOSE int path_fd = open_dir_path(dirfd, name, dev);
    char proc[64];
    struct stat st;

    if (path_fd < 0)
        return path_fd;
    /* an O_PATH descriptor can be chmod-ed through /proc only; if that fails, the open will say */
    snprintf(proc, sizeof proc, "/proc/self/fd/%d", path_fd);
    if (fstat(path_fd, &st) == 0 && (st.st_mode & 0700) != 0700 && chmod(proc, 0700) < 0)
        return -errno;

    CLEANUP_CLOSE int fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    *ret = fdopendir(fd);
    if (!*ret)
        return -errno;
    fd = -1; /* the stream's now */
    return 0;
}

static bool is_dir(int dirfd, const struct dirent *e)
{
    struct stat st;

    if (e->d_type != DT_UNKNOWN)
        return e->d_type == DT_DIR;
    return fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_self_or_parent(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* ".nfs0123...", ".fuse_hidden0123...": given by the kernel's client or libfuse until the last
 * close of a file that was removed; to remove it again only renames it. */
static bool is_kept_for_its_users(const char *name)
{
    return strncmp(name, ".nfs", 4) == 0 || strncmp(name, ".fuse_hidden", 12) == 0;
}

static void remove_file(struct removal *rm, int dirfd, const char *name)
{
    if (unlinkat(dirfd, name, 0) == 0)
        rm->changed = rm->changed || !is_kept_for_its_users(name);
    else if (errno != ENOENT)
        note(rm, -errno);
}

/* Moves a directory from dirfd up into the root. */
static void move_up(struct removal *rm, int dirfd, const char *name)
{
    char up[32];
    int r;

    do {
        snprintf(up, sizeof up, ".rm-%lu", rm->fresh++);
        r = renameat(dirfd, name, rm->root, up) < 0 ? -errno : 0;
    } while (r == -EEXIST || r == -ENOTEMPTY || r == -ENOTDIR);
    if (r == -EACCES) { /* its own ".." changes, so it must be writable itself */
        DIR *dir = NULL;

        r = open_dir(dirfd, name, rm->dev, &dir);
        if (r == 0) {
            closedir(dir);
            r = renameat(dirfd, name, rm->root, up) < 0 ? -errno : 0;
        }
    }
    if (r == 0)
        rm->changed = true;
    else if (r != -ENOENT)
        note(rm, r == -EBUSY ? -EXDEV : r); /* a mount point cannot be moved */
}

/* Empties a directory of the root and removes it. */
static void remove_child(struct removal *rm, const char *name)
{
    CLEANUP_CLOSEDIR DIR *dir = NULL;
    struct dirent *e;
    int before = rm->error;
    int r = open_dir(rm->root, name, rm->dev, &dir);

    if (r < 0) {
        if (r != -ENOENT)
            note(rm, r);
        return;
    }
    while ((errno = 0, e = readdir(dir))) {
        if (is_self_or_parent(e->d_name))
            continue;
        if (is_dir(dirfd(dir), e))
            move_up(rm, dirfd(dir), e->d_name);
        else
            remove_file(rm, dirfd(dir), e->d_name);
    }
    if (errno)
        note(rm, -errno);
    if (unlinkat(rm->root, name, AT_REMOVEDIR) == 0)
        rm->changed = true;
    else if (errno != ENOENT && rm->error == before)
        note(rm, -errno);
}

static int remove_pass(struct removal *rm, DIR *root)
{
    struct dirent *e;

    rm->changed = false;
    rm->error = 0;
    rewinddir(root);
    while ((errno = 0, e = readdir(root))) {
        if (is_self_or_parent(e->d_name))
            continue;
        if (is_dir(rm->root, e))
            remove_child(rm, e->d_name);
        else
            remove_file(rm, rm->root, e->d_name);
    }
    if (errno)
        note(rm, -errno);
    return rm->error;
}

int rmtree(int parent, const char *name)
{
    CLEANUP_CLOSEDIR DIR *root = NULL;
    struct stat st;
    int r;

    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (!S_ISDIR(st.st_mode))
        return unlinkat(parent, name, 0) < 0 ? -errno : 0;
    if (fstat(parent, &st) < 0)
        return -errno;
    r = open_dir(parent, name, st.st_dev, &root);
    if (r < 0)
        return r;

    struct removal rm = {.root = dirfd(root), .dev = st.st_dev};

    do
        r = remove_pass(&rm, root);
    while (rm.changed);
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return 0;
    return r < 0 ? r : -errno;
}

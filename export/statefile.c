/* statefile.c - see statefile.h.  Temporary file, fsync, rename, fsync of the directories.
 *
 * A temporary file is locked (flock) while its writer lives.  A sweep may take away one that is not
 * locked yet: then another is made, before anything is written.
 */
#include "export/statefile.h"

#include "export/names.h"
#include "export/slurp.h"
#include "lock/cleanup.h"
#include "lock/fullio.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define TMP_TRIES 100

static int open_area(const char *state_dir, const char *area)
{
    CLEANUP_CLOSE int dir = open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        return -errno;
    int fd = openat(dir, area, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        if (mkdirat(dir, area, 0700) < 0 && errno != EEXIST)
            return -errno;
        fd = openat(dir, area, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    return fd < 0 ? -errno : fd;
}

int statefile_read(const char *state_dir, const char *area, const char *name, size_t max,
                   char **text, size_t *len)
{
    CLEANUP_CLOSE int dir = -1, fd = -1;

    if (!names_valid(name))
        return -EINVAL;
    dir = open_area(state_dir, area);
    if (dir < 0)
        return dir;
    fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? -errno : slurp_fd(fd, max, text, len);
}

/* The area may be new, made by this process or by one that has died since. */
static int sync_parent(int dir)
{
    CLEANUP_CLOSE int parent = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return parent < 0 || fsync(parent) < 0 ? -errno : 0;
}

/* A new file that no sweep takes for one of a writer that was killed: who sweeps has its lock for a
 * moment, and removes it only under that.  What was removed before it was locked is made anew; its
 * name is never used again, for somebody may be about to remove what had it. */
static int open_tmp(int dir, const char *name, char *tmp, size_t size)
{
    static atomic_uint serial;
    struct stat st;

    for (unsigned i = 0; i < TMP_TRIES; i++) {
        CLEANUP_CLOSE int fd = -1;

        /* of its own per writer: two mounts may write at once, the last rename wins */
        snprintf(tmp, size, ".%.200s.%d.%u", name, (int)getpid(), atomic_fetch_add(&serial, 1));
        fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            return -errno;
        while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
            ;
        if (fstat(fd, &st) < 0)
            return -errno;
        if (st.st_nlink > 0)
            return STEAL_FD(fd);
    }
    return -EAGAIN;
}

static int write_and_rename(int dir, const char *name, const char *text, size_t len)
{
    char tmp[NAME_MAX + 1];
    CLEANUP_CLOSE int fd = open_tmp(dir, name, tmp, sizeof tmp);
    int r;

    if (fd < 0)
        return fd;
    r = fullio_write(fd, text, len);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (r == 0 && renameat(dir, tmp, dir, name) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(dir, tmp, 0);
    return r;
}

int statefile_write(const char *state_dir, const char *area, const char *name, const char *text,
                    size_t len)
{
    CLEANUP_CLOSE int dir = -1;
    int r;

    if (!names_valid(name))
        return -EINVAL;
    dir = open_area(state_dir, area);
    if (dir < 0)
        return dir;
    r = write_and_rename(dir, name, text, len);
    if (r == 0 && fsync(dir) < 0)
        r = -errno;
    return r < 0 ? r : sync_parent(dir);
}

static void sweep_one(int dir, const char *tmp)
{
    CLEANUP_CLOSE int fd = openat(dir, tmp, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(dir, tmp, 0);
}

void statefile_sweep(const char *state_dir, const char *area)
{
    CLEANUP_CLOSE int fd = open_area(state_dir, area);
    CLEANUP_CLOSEDIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (!dir)
        return;

    int at = STEAL_FD(fd); /* the stream's now */

    while ((e = readdir(dir)))
        if (e->d_name[0] == '.' && names_valid(e->d_name + 1))
            sweep_one(at, e->d_name);
}

int statefile_remove(const char *state_dir, const char *area, const char *name)
{
    CLEANUP_CLOSE int dir = -1;

    if (!names_valid(name))
        return -EINVAL;
    dir = open_area(state_dir, area);
    if (dir < 0)
        return dir;
    if (unlinkat(dir, name, 0) < 0)
        return errno == ENOENT ? 0 : -errno;
    return fsync(dir) < 0 ? -errno : 0;
}

/* put.c - the life of the directory of a written image.
 *
 *               put_begin                          put_abort
 *   (nothing) ------------> being written, flock-ed ---------> (nothing)
 *       ^                            |
 *       |                            | its process dies: the kernel drops the flock
 *       +------- put_sweep ----------+
 *
 * Nobody holds a lock of the cluster's meanwhile, so between making a directory and locking it a
 * sweeper may take it for a dead one's.  A sweeper therefore holds the flock while it removes, and
 * a maker looks whether what he has locked still has its name.
 *
 * Where directories cannot be locked (NFS) nothing tells the dead from the living but the time of
 * the last change.
 */
#include "export/put.h"

#include "export/names.h"
#include "export/nodedir.h"
#include "export/rmtree.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define IDLE_S 3600
#define TRIES  100 /* a sweeper is rarely so quick even once */

/* 0: locked; -EWOULDBLOCK: by another; else it cannot be. */
static int lock(int fd)
{
    while (flock(fd, LOCK_EX | LOCK_NB) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

static int open_dir(int exports_fd, const char *dir)
{
    int fd = openat(exports_fd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static bool has_name(int exports_fd, const char *dir, int fd)
{
    struct stat named, st;

    return fstatat(exports_fd, dir, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &st) == 0 &&
           named.st_dev == st.st_dev && named.st_ino == st.st_ino;
}

/* -EAGAIN: a sweeper was faster. */
static int make_dir(struct put *put, const char *name)
{
    CLEANUP_CLOSE int fd = -1;
    int r = nodedir_fresh_name(put->dir, name, NODEDIR_PUT);

    if (r == 0 && mkdirat(put->exports_fd, put->dir, 0700) < 0)
        r = errno == EEXIST ? -EAGAIN : -errno;
    if (r < 0)
        return r;
    fd = open_dir(put->exports_fd, put->dir);
    if (fd < 0)
        return fd == -ENOENT ? -EAGAIN : fd;
    if (lock(fd) == -EWOULDBLOCK || !has_name(put->exports_fd, put->dir, fd))
        return -EAGAIN;
    put->fd = STEAL_FD(fd);
    return 0;
}

static void put_free(struct put *put)
{
    if (put->fd >= 0)
        close(put->fd);
    if (put->exports_fd >= 0)
        close(put->exports_fd);
    free(put->path);
    free(put);
}

static int begin(struct put *put, const struct model_node *node, const char *name, struct err *err)
{
    int r = nodedir_open(node, true, &put->exports_fd, err);

    if (r < 0)
        return r;
    r = make_dir(put, name);
    for (int i = 1; r == -EAGAIN && i < TRIES; i++)
        r = make_dir(put, name);
    if (r < 0)
        return err_sys(err, nodedir_errno(r), "Cannot make a directory in %s", node->export_dir);
    if (asprintf(&put->path, "%s/%s", node->export_dir, put->dir) >= 0)
        return 0;
    put->path = NULL;
    rmtree(put->exports_fd, put->dir);
    return err_sys(err, -ENOMEM, "%s", name);
}

int put_begin(const struct model_node *node, const char *name, struct put **ret, struct err *err)
{
    struct put *put;
    int r;

    if (!names_valid(name))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad export name '%s'", name);
    put = calloc(1, sizeof *put);
    if (!put)
        return err_sys(err, -ENOMEM, "%s", name);
    put->fd = put->exports_fd = -1;
    r = begin(put, node, name, err);
    if (r < 0)
        put_free(put);
    else
        *ret = put;
    return r;
}

int put_open(const struct put *put, const char *file, int flags, int *ret_fd, struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    struct stat st;

    if (!names_valid_file(file))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "Bad file name '%s'", file);
    do
        fd = openat(put->fd, file, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return err_sys(err, nodedir_errno(-errno), "Cannot open %s/%s", put->path, file);
    if (fstat(fd, &st) < 0)
        return err_sys(err, nodedir_errno(-errno), "%s/%s", put->path, file);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_EXEC, ECODE_INVAL, EINVAL, "%s/%s is not a regular file", put->path,
                       file);
    *ret_fd = STEAL_FD(fd);
    return 0;
}

void put_abort(struct put *put)
{
    if (!put)
        return;
    rmtree(put->exports_fd, put->dir); /* what stays is swept the next time */
    put_free(put);
}

/* --- what dead processes have left --- */

/* Of the directory and of what is in it.  One that cannot be looked at was changed just now. */
static time_t last_change(int fd)
{
    CLEANUP_CLOSE int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *dir = again < 0 ? NULL : fdopendir(again);
    struct dirent *e;
    struct stat st;
    time_t last = 0;

    if (!dir)
        return time(NULL);
    again = -1; /* the stream's now */
    while ((errno = 0, e = readdir(dir))) {
        if (strcmp(e->d_name, "..") == 0)
            continue;
        if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return time(NULL);
        if (st.st_mtim.tv_sec > last)
            last = st.st_mtim.tv_sec;
    }
    return errno ? time(NULL) : last;
}

static void sweep_one(int exports_fd, const char *dir)
{
    CLEANUP_CLOSE int fd = open_dir(exports_fd, dir);
    int r = fd < 0 ? fd : lock(fd);

    if (fd < 0 || r == -EWOULDBLOCK)
        return;
    if (r == 0 || time(NULL) - last_change(fd) >= IDLE_S)
        rmtree(exports_fd, dir);
}

int put_sweep(const struct model_node *node, struct err *err)
{
    CLEANUP_STRVEC struct strvec dirs = {0};
    CLEANUP_CLOSE int exports_fd = -1;
    int r = nodedir_open(node, false, &exports_fd, err);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    r = nodedir_find_fresh(exports_fd, NULL, NODEDIR_PUT, &dirs);
    for (size_t i = 0; r == 0 && i < dirs.n; i++)
        sweep_one(exports_fd, dirs.v[i]);
    return r < 0 ? err_sys(err, nodedir_errno(r), "Cannot clear up %s", node->export_dir) : 0;
}

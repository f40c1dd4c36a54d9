/* statedir.c - see statedir.h.
 *
 * Invariants, all of them relative to the flock on `mutex`:
 *
 *  - A file process.PID.K is made and locked before anybody else can look, so a file that
 *    is there and not locked belongs to nobody.  The kernel drops the lock with the last
 *    descriptor, that is when the process is gone, however it went.
 *  - It is written in place, since the proof of life hangs on the inode.  Nobody sees it
 *    half written: readers come later, and a writer that is killed midway is dead.  Its
 *    blocks are allocated before the first byte is overwritten, so a full disk leaves the
 *    old contents.
 *  - Whoever removes these files under a living process splits nobody's view for good: a
 *    removed mutex is noticed before it is used, a removed state file when it is written.
 */
#include "statedir.h"

#include "fullio.h"
#include "state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define MUTEX_NAME  "mutex"
#define OWN_PREFIX  "process."
#define OWN_TRIES   100000
#define OWN_CHUNK   4096
#define CONTENT_MAX (16 << 20)

static int flock_wait(int fd)
{
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

static bool removed(int fd)
{
    struct stat st;

    return fstat(fd, &st) < 0 || st.st_nlink == 0;
}

int statedir_lock(struct statedir *sd)
{
    for (;;) {
        CLEANUP_CLOSE int fd = STEAL_FD(sd->mutex);
        int r;

        if (fd < 0)
            fd = openat(sd->dir, MUTEX_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
            return -errno;
        r = flock_wait(fd);
        if (r < 0)
            return r;
        if (!removed(fd)) {
            sd->mutex = STEAL_FD(fd);
            return 0;
        }
    }
}

/* Unlocked by name, not by closing: a child between fork and exec has a copy. */
void statedir_unlock(struct statedir *sd)
{
    flock(sd->mutex, LOCK_UN);
}

/* Makes and locks a new file for this process. */
static int own_create(struct statedir *sd)
{
    for (int k = 0; k < OWN_TRIES; k++) {
        CLEANUP_CLOSE int fd = -1;

        snprintf(sd->own_name, sizeof sd->own_name, OWN_PREFIX "%d.%d", (int)getpid(), k);
        fd =
            openat(sd->dir, sd->own_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
            return -errno;
        cleanup_close_fd(&sd->own);
        sd->own = STEAL_FD(fd);
        return 0;
    }
    return -EEXIST;
}

int statedir_open(const char *path, struct statedir *ret)
{
    CLEANUP_CLOSE int dir = -1;
    struct statedir sd = {.mutex = -1, .own = -1};
    int r;

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return -errno;
    sd.dir = dir;
    r = statedir_lock(&sd);
    if (r == 0) {
        r = own_create(&sd);
        statedir_unlock(&sd);
    }
    if (r < 0) {
        cleanup_close_fd(&sd.mutex);
        return r;
    }
    sd.dir = STEAL_FD(dir);
    *ret = sd;
    return 0;
}

void statedir_close(struct statedir *sd)
{
    if (statedir_lock(sd) == 0) {
        if (!removed(sd->own))
            unlinkat(sd->dir, sd->own_name, 0);
        statedir_unlock(sd);
    }
    cleanup_close_fd(&sd->own);
    cleanup_close_fd(&sd->mutex);
    cleanup_close_fd(&sd->dir);
}

int statedir_publish(struct statedir *sd, const char *text, size_t len)
{
    size_t room = (len / OWN_CHUNK + 1) * OWN_CHUNK;
    struct stat st;
    int r;

    if (len > CONTENT_MAX - OWN_CHUNK)
        return -EFBIG;
    if (fstat(sd->own, &st) < 0)
        return -errno;
    if (st.st_nlink == 0) {
        r = own_create(sd);
        if (r < 0)
            return r;
        st.st_size = 0;
    }
    if ((size_t)st.st_size < room) {
        while ((r = posix_fallocate(sd->own, 0, (off_t)room)) == EINTR)
            ;
        if (r != 0)
            return -r;
    }
    return fullio_write(sd->own, text, len);
}

/* Reads a whole file, NUL-terminated. */
static int read_fd(int fd, char **text, size_t *len)
{
    CLEANUP_FREE char *buf = NULL;
    size_t size, done = 0;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_size > CONTENT_MAX)
        return -EFBIG;
    size = (size_t)st.st_size;
    buf = malloc(size + 1);
    if (!buf)
        return -ENOMEM;
    while (done < size) {
        ssize_t n = pread(fd, buf + done, size - done, (off_t)done);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
    }
    buf[done] = '\0';
    *text = STEAL(buf);
    *len = done;
    return 0;
}

/* Reads one process's file, or removes it when that process is dead. */
static int scan_one(struct statedir *sd, const char *name, struct table *t)
{
    CLEANUP_CLOSE int fd = openat(sd->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    CLEANUP_FREE char *text = NULL;
    struct stat st;
    size_t len;
    int r;

    if (fd < 0)
        return errno == ENOENT || errno == ELOOP || errno == ENXIO ? 0 : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return 0;
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        unlinkat(sd->dir, name, 0);
        return 0;
    }
    if (errno != EWOULDBLOCK)
        return -errno;
    r = read_fd(fd, &text, &len);
    return r < 0 ? r : state_parse(text, len, t);
}

/* process.DIGITS.DIGITS */
static bool is_process_file(const char *name)
{
    static const char digits[] = "0123456789";
    size_t n;

    if (strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) != 0)
        return false;
    name += strlen(OWN_PREFIX);
    n = strspn(name, digits);
    if (n == 0 || name[n] != '.')
        return false;
    name += n + 1;
    n = strspn(name, digits);
    return n > 0 && name[n] == '\0';
}

int statedir_scan(struct statedir *sd, struct table *t)
{
    CLEANUP_TABLE struct table found = LIST_HEAD_INITIALIZER(found);
    CLEANUP_CLOSE int fd = openat(sd->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSEDIR DIR *d = NULL;
    struct dirent *de;
    struct holder *h;
    int r;

    if (fd < 0)
        return -errno;
    d = fdopendir(fd);
    if (!d)
        return -errno;
    fd = -1; /* closed with d */
    while (errno = 0, (de = readdir(d))) {
        if (!is_process_file(de->d_name) || strcmp(de->d_name, sd->own_name) == 0)
            continue;
        r = scan_one(sd, de->d_name, &found);
        if (r < 0)
            return r;
    }
    if (errno)
        return -errno;
    while ((h = LIST_FIRST(&found))) {
        LIST_REMOVE(h, link);
        LIST_INSERT_HEAD(t, h, link);
    }
    return 0;
}

int statedir_read(struct statedir *sd, const char *name, char **text, size_t *len)
{
    CLEANUP_CLOSE int fd = openat(sd->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        *text = strdup("");
        *len = 0;
        return *text ? 0 : -ENOMEM;
    }
    return fd < 0 ? -errno : read_fd(fd, text, len);
}

int statedir_replace(struct statedir *sd, const char *name, const char *text, size_t len)
{
    CLEANUP_CLOSE int fd = -1;
    char tmp[STATEDIR_NAME_MAX];
    int r;

    if (len == 0)
        return unlinkat(sd->dir, name, 0) == 0 || errno == ENOENT ? 0 : -errno;
    snprintf(tmp, sizeof tmp, "%s.new", name);
    fd = openat(sd->dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    r = fullio_write(fd, text, len);
    if (r == 0 && renameat(sd->dir, tmp, sd->dir, name) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(sd->dir, tmp, 0);
    return r;
}

/* failing.c - in the tortured daemon, any one of the fallible calls of its own code can be made to
 * fail.
 *
 * The linker's --wrap puts these functions in the place of libc's (calls.wrap lists them), only in
 * the program's own objects.  A call is of a run when run_execute() is below it, or its thread was
 * started from there.
 *
 * With SLOW=MILLISECONDS in its environment nothing fails, but one in four of the calls that may
 * take long (syncs, names, clones, processes and threads) does take up to so long: tests must not
 * rest on a quick machine.
 */
#include "tests/torture/failing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

extern const char __executable_start[];

static struct failing *control;
static unsigned slow; /* ms */
static __thread bool in_run;
static __thread unsigned random_state;

__attribute__((constructor)) static void attach(void)
{
    const char *file = getenv("TORTURE");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;

    slow = getenv("SLOW") ? (unsigned)atoi(getenv("SLOW")) : 0;
    if (fd < 0)
        return;
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (control == MAP_FAILED)
        control = NULL;
    close(fd);
}

static void linger(enum failing_class class)
{
    if (class != SYNC && class != NAME && class != CLONE && class != START)
        return;
    if (!random_state)
        random_state = (unsigned)getpid() ^ (unsigned)(uintptr_t)&random_state;
    if (rand_r(&random_state) % 4 == 0)
        usleep((unsigned)rand_r(&random_state) % slow * 1000);
}

static bool fails(enum failing_class class, const char *call, const void *caller)
{
    uint32_t n;

    if (slow)
        linger(class);
    if (!control || !__atomic_load_n(&control->armed, __ATOMIC_ACQUIRE))
        return false;
    n = __atomic_add_fetch(&control->count[in_run][class], 1, __ATOMIC_RELAXED);
    if (control->in_run != in_run || control->class != class || control->at != n)
        return false;
    strncpy(control->call, call, sizeof control->call - 1);
    control->offset = (uint32_t)((const char *)caller - __executable_start);
    __atomic_store_n(&control->failed, 1, __ATOMIC_RELEASE);
    errno = (int)control->error;
    return true;
}

#define FAILS(class, call) fails(class, #call, __builtin_return_address(0))

/* `result` is evaluated when errno is set: some calls return it. */
#define WRAP(class, type, result, call, parameters, arguments)                                     \
    type __real_##call parameters;                                                                 \
    type __wrap_##call parameters;                                                                 \
    type __wrap_##call parameters                                                                  \
    {                                                                                              \
        return FAILS(class, call) ? (result) : __real_##call arguments;                            \
    }

typedef posix_spawn_file_actions_t actions;

/* clang-format off */
WRAP(MEMORY, void *, NULL, malloc, (size_t n), (n))
WRAP(MEMORY, void *, NULL, calloc, (size_t n, size_t size), (n, size))
WRAP(MEMORY, void *, NULL, realloc, (void *p, size_t n), (p, n))
WRAP(MEMORY, void *, NULL, reallocarray, (void *p, size_t n, size_t size), (p, n, size))
WRAP(MEMORY, void *, NULL, aligned_alloc, (size_t align, size_t n), (align, n))
WRAP(MEMORY, int, errno, posix_memalign, (void **p, size_t align, size_t n), (p, align, n))
WRAP(MEMORY, char *, NULL, strdup, (const char *s), (s))
WRAP(MEMORY, char *, NULL, strndup, (const char *s, size_t n), (s, n))
WRAP(MEMORY, int, -1, vasprintf, (char **p, const char *fmt, va_list ap), (p, fmt, ap))
WRAP(MEMORY, FILE *, NULL, open_memstream, (char **p, size_t *n), (p, n))
WRAP(MEMORY, ssize_t, -1, __getdelim, (char **p, size_t *n, int end, FILE *f), (p, n, end, f))
WRAP(MEMORY, int, -1, poll, (struct pollfd *fds, nfds_t n, int ms), (fds, n, ms))
WRAP(MEMORY, void *, NULL, XXH3_createState, (void), ())
WRAP(MEMORY, void *, NULL, archive_write_new, (void), ())
WRAP(MEMORY, void *, NULL, archive_entry_new, (void), ())

WRAP(OPEN, int, -1, open64, (const char *path, int flags, int mode), (path, flags, mode))
WRAP(OPEN, int, -1, openat64, (int fd, const char *path, int flags, int mode), (fd, path, flags, mode))
WRAP(OPEN, long, -1, syscall, (long nr, long a, long b, long c, long d), (nr, a, b, c, d))
WRAP(OPEN, DIR *, NULL, opendir, (const char *path), (path))
WRAP(OPEN, DIR *, NULL, fdopendir, (int fd), (fd))
WRAP(OPEN, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
WRAP(OPEN, int, -1, eventfd, (unsigned n, int flags), (n, flags))
WRAP(OPEN, int, -1, pipe2, (int *fds, int flags), (fds, flags))
WRAP(OPEN, int, -1, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
WRAP(OPEN, int, -1, inotify_init1, (int flags), (flags))
WRAP(OPEN, int, -1, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask))

WRAP(READ, ssize_t, -1, read, (int fd, void *p, size_t n), (fd, p, n))
WRAP(READ, ssize_t, -1, pread64, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
WRAP(READ, off_t, -1, lseek64, (int fd, off_t at, int whence), (fd, at, whence))
WRAP(READ, void *, NULL, readdir64, (DIR *dir), (dir))

WRAP(WRITE, ssize_t, -1, write, (int fd, const void *p, size_t n), (fd, p, n))
WRAP(WRITE, ssize_t, -1, pwrite64, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WRAP(WRITE, int, -1, ftruncate64, (int fd, off_t n), (fd, n))
WRAP(WRITE, int, errno, posix_fallocate64, (int fd, off_t at, off_t n), (fd, at, n))

WRAP(SYNC, int, -1, fsync, (int fd), (fd))
WRAP(SYNC, int, -1, sync_file_range, (int fd, off_t at, off_t n, unsigned flags), (fd, at, n, flags))

WRAP(NAME, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(NAME, int, -1, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))
WRAP(NAME, int, -1, unlink, (const char *path), (path))
WRAP(NAME, int, -1, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
WRAP(NAME, int, -1, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
WRAP(NAME, int, -1, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     (a, from, b, to, flags))

WRAP(STAT, int, -1, stat64, (const char *path, void *st), (path, st))
WRAP(STAT, int, -1, lstat64, (const char *path, void *st), (path, st))
WRAP(STAT, int, -1, fstat64, (int fd, void *st), (fd, st))
WRAP(STAT, int, -1, fstatat64, (int fd, const char *path, void *st, int flags), (fd, path, st, flags))
WRAP(STAT, int, -1, statx, (int fd, const char *path, int flags, unsigned mask, void *st),
     (fd, path, flags, mask, st))
WRAP(STAT, int, -1, statfs64, (const char *path, void *st), (path, st))
WRAP(STAT, int, -1, fstatfs64, (int fd, void *st), (fd, st))
WRAP(STAT, int, -1, fstatvfs64, (int fd, void *st), (fd, st))
WRAP(STAT, int, -1, futimens, (int fd, const struct timespec *times), (fd, times))
WRAP(STAT, int, -1, access, (const char *path, int mode), (path, mode))
WRAP(STAT, int, -1, faccessat, (int fd, const char *path, int mode, int flags), (fd, path, mode, flags))
WRAP(STAT, char *, NULL, realpath, (const char *path, char *p), (path, p))
WRAP(STAT, ssize_t, -1, getrandom, (void *p, size_t n, unsigned flags), (p, n, flags))

WRAP(CLONE, int, -1, ioctl, (int fd, unsigned long what, void *p), (fd, what, p))

WRAP(LOCK, int, -1, flock, (int fd, int how), (fd, how))
WRAP(LOCK, int, -1, fcntl64, (int fd, int what, void *p), (fd, what, p))

WRAP(START, int, errno, posix_spawn,
     (pid_t *pid, const char *path, const actions *fa, const posix_spawnattr_t *attr,
      char *const *argv, char *const *env), (pid, path, fa, attr, argv, env))
WRAP(START, int, errno, posix_spawnattr_init, (posix_spawnattr_t *attr), (attr))
WRAP(START, int, errno, posix_spawn_file_actions_init, (actions *fa), (fa))
WRAP(START, int, errno, posix_spawn_file_actions_adddup2, (actions *fa, int fd, int to), (fa, fd, to))
WRAP(START, int, errno, posix_spawn_file_actions_addopen,
     (actions *fa, int fd, const char *path, int flags, mode_t mode), (fa, fd, path, flags, mode))
/* clang-format on */

int __wrap_asprintf(char **p, const char *fmt, ...);
int __wrap_asprintf(char **p, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (FAILS(MEMORY, asprintf))
        return -1;
    va_start(ap, fmt);
    n = __real_vasprintf(p, fmt, ap);
    va_end(ap);
    return n;
}

struct beginning {
    void *(*run)(void *arg);
    void *arg;
    bool in_run;
};

static void *begin(void *arg)
{
    struct beginning b = *(struct beginning *)arg;

    free(arg);
    in_run = b.in_run;
    return b.run(b.arg);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg),
                          void *arg)
{
    struct beginning *b;
    int r;

    if (FAILS(START, pthread_create))
        return errno;
    b = __real_malloc(sizeof *b);
    if (!b)
        return EAGAIN;
    *b = (struct beginning){run, arg, in_run};
    r = __real_pthread_create(thread, attr, begin, b);
    if (r)
        free(b);
    return r;
}

void __real_run_execute(void *run);
void __wrap_run_execute(void *run);
void __wrap_run_execute(void *run)
{
    in_run = true;
    __real_run_execute(run);
    in_run = false;
}

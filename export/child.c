/* child.c - one child process, from spawn to reaping.
 *
 *            spawn               output: the stall clock starts anew
 *     (none) -----> running <------------------------------+
 *                    |  | |                                 |
 *        it ends     |  | +---------------- follow() -------+
 *                    |  |
 *                    |  | stalled, overdue, or cancelled: SIGTERM to the group
 *                    |  v
 *                    | dying ---- it ends, or CHILD_GRACE_S pass
 *                    v  v
 *                   ended: SIGKILL to what is left of the group (dying only), reap, drain
 *
 * The daemon is multi-threaded: posix_spawn does what must be done between fork and exec, and tells
 * why an exec failed.  The end is seen through a pidfd, never through SIGCHLD or the end of the
 * output: a program may leave a child behind that keeps the pipe open.  The group is killed before
 * the child is reaped, while its number cannot have been given to anybody else.
 */
#include "export/child.h"

#include "lock/cleanup.h"
#include "lock/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define READ_AT_ONCE (64 * 1024)   /* then look at the other events */
#define DRAIN_MAX    (1024 * 1024) /* more than a pipe holds by default */
#define ALIVE_MS     1000          /* between signs of life */

static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t all, none;
    int r;

    sigfillset(&all);
    sigemptyset(&none);
    r = posix_spawnattr_setsigdefault(attr, &all);
    if (r == 0)
        r = posix_spawnattr_setsigmask(attr, &none);
    if (r == 0)
        r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETSIGMASK);
    return r;
}

static int set_actions(posix_spawn_file_actions_t *actions, int in, int out, int err, int keep)
{
    int r = in > 0 ? posix_spawn_file_actions_adddup2(actions, in, 0)
                   : posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (r == 0)
        r = posix_spawn_file_actions_adddup2(actions, out, 1);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(actions, err, 2);
    if (r == 0 && keep >= 0)
        r = posix_spawn_file_actions_adddup2(actions, keep, 3);
    if (r == 0)
        r = posix_spawn_file_actions_addclosefrom_np(actions, keep >= 0 ? 4 : 3);
    if (r == 0)
        r = posix_spawn_file_actions_addchdir_np(actions, "/");
    return r;
}

/* 0 or the positive errno of what failed, the exec itself as a rule. */
static int spawn(const struct child_start *start, int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int r = posix_spawnattr_init(&attr);

    if (r)
        return r;
    r = posix_spawn_file_actions_init(&actions);
    if (r == 0) {
        r = set_attributes(&attr);
        if (r == 0)
            r = set_actions(&actions, start->in, out, err, start->keep);
        if (r == 0) /* exec promises not to write to the strings */
            r = posix_spawn(pid, start->path, &actions, &attr, (char *const *)start->argv,
                            (char *const *)start->env);
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attr);
    return r;
}

static int open_pipe(int *reading, int *writing)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    *reading = ends[0];
    *writing = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static void close_all(struct child *c)
{
    cleanup_close_fd(&c->pidfd);
    cleanup_close_fd(&c->pipe[0]);
    cleanup_close_fd(&c->pipe[1]);
    *c = (struct child){.pidfd = -1, .pipe = {-1, -1}};
}

int child_spawn(struct child *ret, const struct child_start *start)
{
    CLEANUP(close_all) struct child c = {.pidfd = -1, .pipe = {-1, -1}};
    CLEANUP_CLOSE int out = -1, err = -1;
    int r = open_pipe(&c.pipe[0], &out);

    if (r == 0 && !start->one_pipe)
        r = open_pipe(&c.pipe[1], &err);
    if (r < 0)
        return r;
    r = spawn(start, out, err >= 0 ? err : out, &c.pid);
    if (r)
        return r == ENOMEM || r == EAGAIN ? -r : r;
    c.pidfd = pidfd_open(c.pid, 0);
    if (c.pidfd < 0) { /* out of descriptors: it must not run on unwatched */
        r = -errno;
        kill(-c.pid, SIGKILL);
        waitpid(c.pid, NULL, 0);
        return r;
    }
    *ret = c;
    c = (struct child){.pidfd = -1, .pipe = {-1, -1}};
    return 0;
}

int child_drain(int fd, size_t max, void (*sink)(void *arg, const char *data, size_t n), void *arg)
{
    char buf[4096];
    size_t got = 0;

    while (got < max) {
        ssize_t n = read(fd, buf, sizeof buf);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        sink(arg, buf, (size_t)n);
        got += (size_t)n;
    }
    return got > 0;
}

/* Takes what the pipes hold and closes them at their end.  True: something came. */
static bool take_output(struct child *c, const struct child_watch *w, size_t max)
{
    bool heard = false;

    for (int i = 0; i < 2; i++) {
        int r = c->pipe[i] < 0 ? 0 : w->take(w->arg, i, c->pipe[i], max);

        if (r < 0)
            close(STEAL_FD(c->pipe[i]));
        heard = heard || r;
    }
    return heard;
}

/* Whatever comes first: until then, in milliseconds from now. */
static int64_t left_until(int64_t a, int64_t b)
{
    return (a < b ? a : b) - clock_ms();
}

static int64_t deadline(int64_t from, int64_t ms)
{
    return ms < 0 ? INT64_MAX : from + ms;
}

static enum child_end follow(struct child *c, const struct child_watch *w)
{
    int64_t heard = clock_ms(), over = deadline(heard, w->limit_ms);

    for (;;) {
        struct pollfd p[] = {
            {.fd = c->pidfd, .events = POLLIN},
            {.fd = w->cancel ? w->cancel->fd : -1, .events = POLLIN},
            {.fd = c->pipe[0], .events = POLLIN},
            {.fd = c->pipe[1], .events = POLLIN},
        };
        int64_t left = left_until(over, deadline(heard, w->stall_ms));

        if (left <= 0)
            return over <= clock_ms() ? CHILD_OVERDUE : CHILD_STALLED;
        cancel_alive(w->cancel);
        if (poll(p, 4, left > ALIVE_MS ? ALIVE_MS : (int)left) <= 0)
            continue;
        if (p[0].revents)
            return CHILD_ENDED;
        if (p[1].revents)
            return CHILD_CANCELED;
        if (take_output(c, w, READ_AT_ONCE))
            heard = clock_ms();
    }
}

/* Is it over within the grace period? */
static bool ends_soon(struct child *c, const struct child_watch *w)
{
    int64_t end = clock_ms() + CHILD_GRACE_S * 1000;
    int64_t left;

    while ((left = end - clock_ms()) > 0) {
        struct pollfd p[] = {
            {.fd = c->pidfd, .events = POLLIN},
            {.fd = c->pipe[0], .events = POLLIN}, /* it may be stuck in a write */
            {.fd = c->pipe[1], .events = POLLIN},
        };

        if (poll(p, 3, (int)left) > 0 && p[0].revents)
            return true;
        take_output(c, w, READ_AT_ONCE);
    }
    return false;
}

/* False when it does not end even so: stuck in the kernel, on a dead file system perhaps. */
static bool kill_group(struct child *c, const struct child_watch *w)
{
    kill(-c->pid, SIGTERM);
    kill(-c->pid, SIGCONT); /* a stopped process would not act on it */
    ends_soon(c, w);
    kill(-c->pid, SIGKILL);
    return ends_soon(c, w);
}

static void reap(struct child *c, struct child_result *ret)
{
    siginfo_t info = {0};
    int r;

    do
        r = waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        ret->lost = errno;
    else if (info.si_code == CLD_EXITED)
        ret->exit_status = info.si_status;
    else
        ret->signal = info.si_status;
}

void child_wait(struct child *c, const struct child_watch *watch, struct child_result *ret)
{
    *ret = (struct child_result){.exit_status = -1};
    ret->how = follow(c, watch);
    /* one that cannot be killed is left to init rather than waited for */
    if (ret->how == CHILD_ENDED || kill_group(c, watch))
        reap(c, ret);
    take_output(c, watch, DRAIN_MAX);
    close_all(c);
}

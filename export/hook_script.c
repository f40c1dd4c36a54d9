/* hook_script.c - one child process, from spawn to reaping.
 *
 *            spawn               output: clock starts anew
 *     (none) -----> running <------------------------------+
 *                    |  | |                                 |
 *        it ends     |  | +---------------- follow() -------+
 *                    |  |
 *                    |  | stalled, or cancelled: SIGTERM to the group
 *                    |  v
 *                    | dying ---- it ends, or HOOK_SCRIPT_GRACE_S pass
 *                    v  v
 *                   ended: SIGKILL to what is left of the group (dying only), reap, drain
 *
 * The daemon is multi-threaded: posix_spawn does what must be done between fork and exec, and tells
 * why an exec failed.  The end is seen through a pidfd, never through SIGCHLD or the end of the
 * output: a script may leave a child behind that keeps the pipe open.  The group is killed before
 * the script is reaped, while its number cannot have been given to anybody else.
 */
#include "export/hook_script.h"

#include "export/hook_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define ALIVE_MS     1000          /* between signs of life */
#define READ_AT_ONCE (64 * 1024)   /* then look at the other events */
#define DRAIN_MAX    (1024 * 1024) /* more than a pipe holds by default */

struct script {
    pid_t pid;
    int pidfd;
    int pipe; /* -1 when the other end is closed */
    struct hook_output output;
};

enum ending { ENDED, STALLED, CANCELED };

static void script_clear(struct script *s)
{
    if (s->pidfd >= 0)
        close(s->pidfd);
    if (s->pipe >= 0)
        close(s->pipe);
    hook_output_clear(&s->output);
}

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * (int64_t)1000 + ts.tv_nsec / 1000000;
}

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

static int set_actions(posix_spawn_file_actions_t *actions, int out)
{
    int r = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (r == 0)
        r = posix_spawn_file_actions_adddup2(actions, out, 1);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(actions, out, 2);
    if (r == 0)
        r = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (r == 0)
        r = posix_spawn_file_actions_addchdir_np(actions, "/");
    return r;
}

/* 0 or the positive errno of what failed, the exec itself as a rule. */
static int spawn(const char *path, const char *const *env, int out, pid_t *pid)
{
    char *const argv[] = {(char *)path, NULL}; /* exec promises not to write to it */
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int r = posix_spawnattr_init(&attr);

    if (r)
        return r;
    r = posix_spawn_file_actions_init(&actions);
    if (r == 0) {
        r = set_attributes(&attr);
        if (r == 0)
            r = set_actions(&actions, out);
        if (r == 0)
            r = posix_spawn(pid, path, &actions, &attr, argv, (char *const *)env);
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attr);
    return r;
}

/* Takes what the pipe holds and closes it at its end.  1: something came. */
static int take_output(struct script *s, size_t max)
{
    int r = s->pipe < 0 ? 0 : hook_output_read(&s->output, s->pipe, max);

    if (r >= 0)
        return r;
    close(s->pipe);
    s->pipe = -1;
    return 1;
}

/* Waits for the end, for silence of stall_ms (negative: no limit), or for cancel (may be NULL). */
static enum ending follow(struct script *s, int64_t stall_ms, struct cancel *cancel)
{
    int64_t heard = now_ms();

    for (;;) {
        struct pollfd p[] = {
            {.fd = s->pidfd, .events = POLLIN},
            {.fd = s->pipe, .events = POLLIN},
            {.fd = cancel ? cancel->fd : -1, .events = POLLIN},
        };
        int64_t left = stall_ms < 0 ? ALIVE_MS : heard + stall_ms - now_ms();

        if (stall_ms >= 0 && left <= 0)
            return STALLED;
        cancel_alive(cancel);
        if (poll(p, 3, left > ALIVE_MS ? ALIVE_MS : (int)left) <= 0)
            continue;
        if (p[0].revents)
            return ENDED;
        if (p[2].revents)
            return CANCELED;
        if (take_output(s, READ_AT_ONCE) > 0)
            heard = now_ms();
    }
}

/* Is it over within the grace period? */
static bool ends_soon(struct script *s)
{
    int64_t deadline = now_ms() + HOOK_SCRIPT_GRACE_S * 1000;
    int64_t left;

    while ((left = deadline - now_ms()) > 0) {
        struct pollfd p[] = {
            {.fd = s->pidfd, .events = POLLIN},
            {.fd = s->pipe, .events = POLLIN}, /* it may be stuck in a write */
        };

        if (poll(p, 2, (int)left) > 0 && p[0].revents)
            return true;
        take_output(s, READ_AT_ONCE);
    }
    return false;
}

/* False when it does not end even so: stuck in the kernel, on a dead file system perhaps. */
static bool kill_group(struct script *s)
{
    kill(-s->pid, SIGTERM);
    kill(-s->pid, SIGCONT); /* a stopped process would not act on it */
    ends_soon(s);
    kill(-s->pid, SIGKILL);
    return ends_soon(s);
}

/* What is to be said of its end, in note; returns the code. */
static enum node_hook_code reap(struct script *s, char *note, size_t size)
{
    siginfo_t info = {0};
    int r;

    do
        r = waitid(P_PIDFD, (id_t)s->pidfd, &info, WEXITED);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        snprintf(note, size, "(its exit status is lost: %m)");
    else if (info.si_code != CLD_EXITED)
        snprintf(note, size, "(killed by signal %d)", info.si_status);
    else if (info.si_status != 0)
        snprintf(note, size, "(exit status %d)", info.si_status);
    else
        return HKR_SUCCESS;
    return HKR_FAIL;
}

static int finish(struct script *s, enum ending how, unsigned stall_s, struct node_hook_result *ret)
{
    char note[128] = "";
    enum node_hook_code code = HKR_FAIL;

    /* one that cannot be killed is left to init rather than waited for */
    if (how == ENDED || kill_group(s))
        code = reap(s, note, sizeof note);
    take_output(s, DRAIN_MAX);
    if (how == CANCELED)
        return -ECANCELED;
    if (how == STALLED) {
        code = HKR_FAIL;
        snprintf(note, sizeof note, "(killed: no output and no end for %u seconds)", stall_s);
    }

    char *text = hook_output_text(&s->output, note[0] ? note : NULL);

    if (!text)
        return -ENOMEM;
    ret->code = code;
    ret->output = text;
    return 0;
}

static int cannot_execute(int error, struct node_hook_result *ret)
{
    char *text;

    if (asprintf(&text, "Hook script execution error: %s", strerrordesc_np(error)) < 0)
        return -ENOMEM;
    ret->code = HKR_FAIL;
    ret->output = text;
    return 0;
}

int hook_script_run(const char *path, const char *const *env, unsigned stall_s,
                    struct cancel *cancel, struct node_hook_result *ret)
{
    CLEANUP(script_clear) struct script s = {.pidfd = -1, .pipe = -1};
    int ends[2], r;

    if (cancel_requested(cancel))
        return -ECANCELED;
    r = hook_output_init(&s.output);
    if (r < 0)
        return r;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    s.pipe = ends[0];
    if (fcntl(s.pipe, F_SETFL, O_NONBLOCK) < 0)
        r = errno;
    else
        r = spawn(path, env, ends[1], &s.pid);
    close(ends[1]);
    if (r)
        return r == ENOMEM || r == EAGAIN ? -r : cannot_execute(r, ret);
    s.pidfd = pidfd_open(s.pid, 0);
    if (s.pidfd < 0) { /* out of descriptors: it must not run on unwatched */
        r = -errno;
        kill(-s.pid, SIGKILL);
        waitpid(s.pid, NULL, 0);
        return r;
    }
    return finish(&s, follow(&s, stall_s ? (int64_t)stall_s * 1000 : -1, cancel), stall_s, ret);
}

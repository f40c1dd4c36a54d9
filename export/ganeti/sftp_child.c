/* sftp_child.c - the program that the protocol is spoken to: its start, its last words, its end.
 *
 * What goes to it goes through a socket, for a pipe that nobody reads from would raise SIGPIPE;
 * what comes from it through a pipe, which is faster.  Both are as large as may be.  Of stderr the
 * end is kept: ssh says there why it does not get to the node.
 */
#include "export/command.h"
#include "export/ganeti/sftp_internal.h"
#include "lock/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define PIPE_SIZE   (1024 * 1024) /* what anybody may have by default */
#define SOCKET_SIZE (1024 * 1024)
#define LISTEN_MAX  (64 * 1024) /* at once */
#define LAST_MS     1000        /* for the words after the last byte */
#define LAST_LINES  3

extern char **environ;

static int open_socket(int *ours, int *its)
{
    const int size = SOCKET_SIZE;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    *ours = ends[0];
    *its = ends[1];
    /* as much as the system allows: less is only slower */
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int sftp_child_start(struct sftp_child *c, const char *const *argv, char *why, size_t n)
{
    CLEANUP_CLOSE int ours = -1, its = -1;
    CLEANUP_FREE char *path = NULL;
    int r = open_socket(&ours, &its);

    if (r == 0 && !strchr(argv[0], '/'))
        r = command_find(argv[0], &path);
    if (r == 0)
        r = child_spawn(&c->c, &(struct child_start){.path = path ? path : argv[0],
                                                     .argv = argv,
                                                     .env = (const char *const *)environ,
                                                     .keep = -1,
                                                     .in = its});
    if (r) {
        char buf[64];

        r = r > 0 ? -r : r;
        snprintf(why, n, "cannot run %s: %s", argv[0], strerror_r(-r, buf, sizeof buf));
        return r;
    }
    fcntl(c->c.pipe[0], F_SETPIPE_SZ, PIPE_SIZE); /* refused: only slower */
    c->in = STEAL_FD(ours);
    return 0;
}

static void keep(void *arg, const char *data, size_t n)
{
    struct sftp_child *c = arg;

    if (n > sizeof c->words) {
        data += n - sizeof c->words;
        n = sizeof c->words;
    }
    if (n > sizeof c->words - c->words_n) {
        size_t lost = n - (sizeof c->words - c->words_n);

        memmove(c->words, c->words + lost, c->words_n - lost);
        c->words_n -= lost;
    }
    memcpy(c->words + c->words_n, data, n);
    c->words_n += n;
}

void sftp_child_listen(struct sftp_child *c)
{
    int *fd = &c->c.pipe[1];

    if (*fd >= 0 && child_drain(*fd, LISTEN_MAX, keep, c) < 0)
        close(STEAL_FD(*fd));
}

/* It has letters, unlike the lines around ssh's warnings; and it is not the one that ssh says of
 * every host that it does not remember. */
static bool says_something(const char *line, size_t n)
{
    static const char usual[] = "Warning: Permanently added";

    if (n >= strlen(usual) && !memcmp(line, usual, strlen(usual)))
        return false;
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)line[i] | 0x20) >= 'a' && ((unsigned char)line[i] | 0x20) <= 'z')
            return true;
    return false;
}

/* The last lines that say something, in one. */
static bool last_words(struct sftp_child *c, char *why, size_t n)
{
    struct {
        const char *p;
        size_t n;
    } lines[LAST_LINES];
    size_t found = 0, end = c->words_n, len = 0;

    while (end > 0 && found < LAST_LINES) {
        const char *nl = memrchr(c->words, '\n', end);
        size_t begin = nl ? (size_t)(nl - c->words) + 1 : 0, stop = end;

        while (stop > begin && strchr(" \t\r\n", c->words[stop - 1]))
            stop--;
        if (says_something(c->words + begin, stop - begin)) {
            lines[found].p = c->words + begin;
            lines[found++].n = stop - begin;
        }
        end = nl ? begin - 1 : 0;
    }
    for (size_t i = found; i-- > 0 && len < n;)
        len += (size_t)snprintf(why + len, n - len, "%s%.*s", len ? "; " : "",
                                (int)(lines[i].n < 200 ? lines[i].n : 200), lines[i].p);
    for (char *p = why; found && *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return found > 0;
}

/* Until it has ended, or the moment is over. */
static void let_it_end(struct sftp_child *c)
{
    int64_t until = clock_ms() + LAST_MS, left;

    while (!c->ended && (left = until - clock_ms()) > 0) {
        struct pollfd p[] = {{.fd = c->c.pidfd, .events = POLLIN},
                             {.fd = c->c.pipe[1], .events = POLLIN}};

        if (poll(p, 2, (int)left) <= 0)
            continue;
        c->ended = p[0].revents;
        sftp_child_listen(c);
    }
}

static void tell_end(struct sftp_child *c, bool at_once, char *why, size_t n)
{
    siginfo_t info = {0};

    if (waitid(P_PIDFD, (id_t)c->c.pidfd, &info, WEXITED | WNOWAIT | WNOHANG) < 0 || !info.si_pid)
        snprintf(why, n, "%s", at_once ? "" : "it hung up");
    else if (info.si_code == CLD_EXITED)
        snprintf(why, n, "it ended with exit status %d", info.si_status);
    else
        snprintf(why, n, "it was killed by signal %d", info.si_status);
}

void sftp_child_kill(struct sftp_child *c, bool at_once, char *why, size_t n)
{
    char how[64];

    if (c->c.pid <= 0)
        return;
    if (!at_once)
        let_it_end(c);
    tell_end(c, at_once, how, sizeof how);
    kill(-c->c.pid, SIGKILL);
    sftp_child_listen(c);
    if (!last_words(c, why, n))
        snprintf(why, n, "%s", how);
}

void sftp_child_hang_up(struct sftp_child *c)
{
    cleanup_close_fd(&c->in);
    cleanup_close_fd(&c->c.pipe[0]);
    cleanup_close_fd(&c->c.pipe[1]);
    c->in = c->c.pipe[0] = c->c.pipe[1] = -1;
}

void sftp_child_reap(struct sftp_child *c)
{
    siginfo_t info;

    if (c->c.pid <= 0)
        return;
    while (waitid(P_PIDFD, (id_t)c->c.pidfd, &info, WEXITED) < 0 && errno == EINTR)
        ;
    close(STEAL_FD(c->c.pidfd));
    c->c.pid = 0;
}

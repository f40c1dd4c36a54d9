/* interrupt.c - pending signals of another thread. */
#include "fs/interrupt.h"

#include "lock/cleanup.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#define BIT(sig) (1ULL << ((sig)-1))

/* The hexadecimal mask of a line; 0 when there is no such line. */
static uint64_t mask_of(const char *status, const char *name)
{
    const char *line = strstr(status, name);
    return line ? strtoull(line + strlen(name), NULL, 16) : 0;
}

static bool is_dead(const char *status)
{
    return strstr(status, "\nState:\tZ") || strstr(status, "\nState:\tX");
}

/* Signals that the thread would take if it could. */
static uint64_t pending(const char *status)
{
    uint64_t all = mask_of(status, "\nSigPnd:") | mask_of(status, "\nShdPnd:");
    return all & ~(mask_of(status, "\nSigBlk:") | mask_of(status, "\nSigIgn:"));
}

bool interrupt_is_real_status(const char *status)
{
    static const uint64_t job_control =
        BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | BIT(SIGCONT);
    /* of those that say something, and are heard just as well when the bytes are there */
    static const uint64_t messages = BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGWINCH) | BIT(SIGCHLD) |
                                     BIT(SIGURG) | BIT(SIGIO) | BIT(SIGPROF) | BIT(SIGVTALRM);
    uint64_t spared = job_control | (messages & mask_of(status, "\nSigCgt:"));
    return is_dead(status) || (pending(status) & ~spared);
}

bool interrupt_is_end_status(const char *status)
{
    static const uint64_t end = BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGTERM);
    return is_dead(status) || (pending(status) & end);
}

/* /proc/TID/status as a string of less than `room` bytes: its length, or -errno. */
static ssize_t read_status(pid_t tid, char *status, size_t room)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t len = 0;
    for (ssize_t n; len < room - 1; len += (size_t)n) {
        n = read(fd, status + len, room - 1 - len);
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
    }
    status[len] = 0;
    return (ssize_t)len;
}

bool interrupt_is_real(pid_t tid)
{
    char status[8192];
    return tid <= 0 || read_status(tid, status, sizeof(status)) <= 0 ||
           interrupt_is_real_status(status);
}

bool interrupt_is_end(pid_t tid)
{
    char status[8192];
    if (tid <= 0)
        return false;
    ssize_t n = read_status(tid, status, sizeof(status));
    return n == -ENOENT || n == -ESRCH || (n > 0 && interrupt_is_end_status(status));
}

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

bool interrupt_is_real_status(const char *status)
{
    static const uint64_t job_control =
        BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | BIT(SIGCONT);
    if (strstr(status, "\nState:\tZ") || strstr(status, "\nState:\tX"))
        return true;
    uint64_t pending = mask_of(status, "\nSigPnd:") | mask_of(status, "\nShdPnd:");
    pending &= ~(mask_of(status, "\nSigBlk:") | mask_of(status, "\nSigIgn:"));
    return pending & ~job_control;
}

bool interrupt_is_real(pid_t tid)
{
    char path[64], status[8192];
    if (tid <= 0)
        return true;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    size_t len = 0;
    for (ssize_t n; len < sizeof(status) - 1; len += (size_t)n) {
        n = read(fd, status + len, sizeof(status) - 1 - len);
        if (n < 0)
            return true;
        if (n == 0)
            break;
    }
    status[len] = 0;
    return len == 0 || interrupt_is_real_status(status);
}

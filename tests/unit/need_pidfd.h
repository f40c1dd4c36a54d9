/* need_pidfd.h - tests that run hook scripts need pidfd_open(2), which valgrind 3.19 does not know.
 */
#ifndef TESTS_NEED_PIDFD_H
#define TESTS_NEED_PIDFD_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline bool have_pidfd(void)
{
    long fd = syscall(SYS_pidfd_open, getpid(), 0);

    if (fd < 0) {
        printf("there is no pidfd_open(2) here\n");
        return false;
    }
    close((int)fd);
    return true;
}

/* In main(), before the tests: ends the program as skipped. */
#define NEED_PIDFD()                                                                               \
    do {                                                                                           \
        if (!have_pidfd())                                                                         \
            return 77;                                                                             \
    } while (0)

#endif

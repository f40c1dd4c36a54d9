/* child.h - a program that is run and watched: spawn, output, limits, the end of its whole group.
 *
 * The child has cwd "/", stdin /dev/null or what it is given, exactly the environment passed, a
 * session of its own (so no terminal), default signals, and no descriptor but 0, 1, 2 and what it
 * is given as 3.
 */
#ifndef EXPORT_CHILD_H
#define EXPORT_CHILD_H

#include "export/cancel.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHILD_GRACE_S 5 /* from SIGTERM to SIGKILL */

struct child {
    pid_t pid;
    int pidfd;
    int pipe[2]; /* reading ends of stdout and stderr, non-blocking; -1: closed, or one pipe */
};

struct child_start {
    const char *path; /* absolute */
    const char *const *argv, *const *env;
    bool one_pipe; /* stderr goes where stdout does */
    int keep;      /* a descriptor that it gets as 3; -1: none */
    int in;        /* a descriptor that it gets as stdin; 0: it has /dev/null */
};

struct child_watch {
    int64_t stall_ms;      /* neither output nor end for so long; negative: no limit */
    int64_t limit_ms;      /* in all; negative: no limit */
    struct cancel *cancel; /* may be NULL */
    /* Takes what a pipe (stream 0: stdout, 1: stderr) holds, at most about max bytes.  1: some
     * came, 0: nothing there now, negative: the other end is closed. */
    int (*take)(void *arg, int stream, int fd, size_t max);
    void *arg;
};

/* What such a take() is made of: gives the non-blocking pipe's bytes to sink.  1, 0, -EPIPE: the
 * other end is closed, -errno. */
int child_drain(int fd, size_t max, void (*sink)(void *arg, const char *data, size_t n), void *arg);

enum child_end { CHILD_ENDED, CHILD_STALLED, CHILD_OVERDUE, CHILD_CANCELED };

struct child_result {
    enum child_end how; /* but CHILD_ENDED: it was killed with its group */
    int exit_status;    /* -1: it ended otherwise */
    int signal;         /* 0: it ended otherwise */
    int lost;           /* errno that hides how it ended; 0: none */
};

/* 0: it runs, and child_wait() must follow.  A positive errno: it cannot be executed.  -errno: lack
 * of memory, processes, descriptors. */
int child_spawn(struct child *c, const struct child_start *start);

/* Waits for its end, or ends it: SIGTERM to the group, after the grace period SIGKILL.  One that
 * even so does not end is left to init.  Takes the rest of its output; *c is empty afterwards. */
void child_wait(struct child *c, const struct child_watch *watch, struct child_result *ret);

#endif

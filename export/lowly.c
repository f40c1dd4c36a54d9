/* lowly.c - see lowly.h.
 *
 * To the kernel each thread has a nice value and an I/O priority of its own, whatever POSIX says of
 * processes.  Neither is a promise: a lower weight, and one that I/O schedulers (bfq, mq-deadline)
 * look at or not; no copy starves by it.  The nice value is not at its limit by default, for a
 * copying thread takes mutexes which those of FUSE requests want, and inodes' locks in the kernel:
 * who waits for one waits until the holder gets its turn on a busy processor.
 */
#include "export/lowly.h"

#include "export/thread.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void be_nice(int nice)
{
    id_t me = (id_t)gettid();
    int now;

    errno = 0;
    now = getpriority(PRIO_PROCESS, me);
    if (errno == 0 && now < nice)
        setpriority(PRIO_PROCESS, me, nice);
}

void lowly_begin(const struct lowly *l)
{
    if (l && l->nice > 0)
        be_nice(l->nice);
    if (l && l->idle_io)
        syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

struct errand {
    const struct lowly *l;
    int (*fn)(void *arg);
    void *arg;
    int result;
};

static void *run(void *arg)
{
    struct errand *e = arg;

    lowly_begin(e->l);
    e->result = e->fn(e->arg);
    return NULL;
}

int lowly_run(const struct lowly *l, int (*fn)(void *arg), void *arg)
{
    struct errand e = {l, fn, arg, 0};
    pthread_t thread;

    if (!l || (l->nice <= 0 && !l->idle_io) || thread_start(&thread, run, &e) < 0)
        return fn(arg);
    pthread_join(thread, NULL);
    return e.result;
}

struct copying {
    const struct copy_job *job;
    XXH128_canonical_t *digest;
    struct err *err;
};

static int copy(void *arg)
{
    const struct copying *c = arg;

    return copy_run(c->job, c->digest, c->err);
}

int lowly_copy(const struct lowly *l, const struct copy_job *job, XXH128_canonical_t *digest,
               struct err *err)
{
    struct copying c = {job, digest, err};

    return lowly_run(l, copy, &c);
}

/* worker.c - see worker.h.
 *
 *   worker_start()           run() returns
 *      RUNNING ---------------------------------> ENDED     data destroyed by worker_stop()
 *         | worker_stop(), grace is over                    or, after LEFT, by the thread
 *         +------------------------------------> LEFT
 *
 * Two references: the owner's and the thread's.  `m` is a leaf and never held while run's functions
 * or callbacks are called.
 */
#include "export/worker.h"

#include "lock/cleanup.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>

struct worker {
    atomic_int refs;
    void (*run)(struct worker *w, void *data);
    void (*destroy)(void *data);
    void *data;
    int fd;
    pthread_mutex_t m;
    pthread_cond_t cond;
    bool stop, ended, in_call;
};

static void unref(struct worker *w)
{
    if (atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) != 1)
        return;
    w->destroy(w->data);
    close(w->fd);
    pthread_cond_destroy(&w->cond);
    pthread_mutex_destroy(&w->m);
    free(w);
}

static void *thread_main(void *arg)
{
    struct worker *w = arg;

    w->run(w, w->data);
    pthread_mutex_lock(&w->m);
    w->ended = true;
    pthread_cond_broadcast(&w->cond);
    pthread_mutex_unlock(&w->m);
    unref(w);
    return NULL;
}

static struct worker *new_worker(void)
{
    struct worker *w = calloc(1, sizeof *w);
    pthread_condattr_t attr;

    if (!w)
        return NULL;
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->fd < 0) {
        free(w);
        return NULL;
    }
    atomic_init(&w->refs, 2);
    pthread_mutex_init(&w->m, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->cond, &attr);
    pthread_condattr_destroy(&attr);
    return w;
}

int worker_start(void (*run)(struct worker *w, void *data), void *data, void (*destroy)(void *data),
                 struct worker **ret)
{
    struct worker *w = new_worker();
    pthread_t thread;

    if (!w)
        return -errno;
    w->run = run;
    w->destroy = destroy;
    w->data = data;
    *ret = w;

    int r = pthread_create(&thread, NULL, thread_main, w);

    if (r) {
        *ret = NULL;
        pthread_cond_destroy(&w->cond);
        pthread_mutex_destroy(&w->m);
        close(w->fd);
        free(w);
        return -r;
    }
    pthread_detach(thread);
    return 0;
}

bool worker_stop(struct worker *w, unsigned grace_ms)
{
    struct timespec until;
    uint64_t one = 1;
    bool late = false;

    if (!w)
        return true;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(grace_ms % 1000) * 1000000;
    until.tv_sec += grace_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;

    pthread_mutex_lock(&w->m);
    w->stop = true;
    /* can only fail when the counter is full, that is, when it is readable already */
    (void)!write(w->fd, &one, sizeof one);
    while (!w->ended && (!late || w->in_call)) {
        if (w->in_call)
            pthread_cond_wait(&w->cond, &w->m);
        else
            late = pthread_cond_timedwait(&w->cond, &w->m, &until) == ETIMEDOUT;
    }

    bool ended = w->ended;

    pthread_mutex_unlock(&w->m);
    unref(w);
    return ended;
}

bool worker_stopping(struct worker *w)
{
    LOCK_SCOPE(&w->m);
    return w->stop;
}

int worker_fd(const struct worker *w)
{
    return w->fd;
}

void worker_call(struct worker *w, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&w->m);
    if (w->stop) {
        pthread_mutex_unlock(&w->m);
        return;
    }
    w->in_call = true;
    pthread_mutex_unlock(&w->m);

    fn(arg);

    pthread_mutex_lock(&w->m);
    w->in_call = false;
    pthread_cond_broadcast(&w->cond);
    pthread_mutex_unlock(&w->m);
}

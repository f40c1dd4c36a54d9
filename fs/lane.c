/* lane.c - see lane.h.
 *
 * Threads are started when a job finds none idle, THREADS at most, and end after IDLE_S without
 * work.  Lanes are as many as nodes were ever asked of, and stay.  One mutex for all, a leaf: jobs
 * run without it.
 */
#include "fs/lane.h"

#include "lock/cleanup.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#define THREADS 4
#define IDLE_S  10
#define GRACE_S 2
#define SLOW_S  2

struct lane {
    struct lane *next;
    struct lanes *lanes;
    char *node;
    pthread_cond_t work;
    struct lane_job *queue, **tail;
    unsigned nthreads, idle;
    int64_t since; /* monotonic seconds: a job was begun by an idle lane, or ended */
};

struct lanes {
    pthread_mutex_t lock;
    pthread_cond_t ended; /* a thread */
    struct lane *all;
    unsigned nthreads;
    bool stopping;
};

static void init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

static struct timespec in_seconds(unsigned s)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += s;
    return ts;
}

int lanes_new(struct lanes **ret)
{
    struct lanes *ls = calloc(1, sizeof(*ls));
    if (!ls)
        return -ENOMEM;
    pthread_mutex_init(&ls->lock, NULL);
    init_cond(&ls->ended);
    *ret = ls;
    return 0;
}

bool lanes_free(struct lanes *ls)
{
    if (!ls)
        return true;
    const struct timespec until = in_seconds(GRACE_S);
    pthread_mutex_lock(&ls->lock);
    ls->stopping = true;
    for (struct lane *l = ls->all; l; l = l->next)
        pthread_cond_broadcast(&l->work);
    while (ls->nthreads && pthread_cond_timedwait(&ls->ended, &ls->lock, &until) != ETIMEDOUT)
        ;
    bool all_ended = ls->nthreads == 0;
    pthread_mutex_unlock(&ls->lock);
    if (!all_ended)
        return false;
    for (struct lane *l = ls->all, *next; l; l = next) {
        next = l->next;
        pthread_cond_destroy(&l->work);
        free(l->node);
        free(l);
    }
    pthread_cond_destroy(&ls->ended);
    pthread_mutex_destroy(&ls->lock);
    free(ls);
    return true;
}

struct lane *lanes_get(struct lanes *ls, const char *node)
{
    LOCK_SCOPE(&ls->lock);
    for (struct lane *l = ls->all; l; l = l->next)
        if (strcmp(l->node, node) == 0)
            return l;
    struct lane *l = calloc(1, sizeof(*l));
    if (l)
        l->node = strdup(node);
    if (!l || !l->node) {
        free(l);
        return NULL;
    }
    l->lanes = ls;
    l->tail = &l->queue;
    init_cond(&l->work);
    l->next = ls->all;
    ls->all = l;
    return l;
}

/* Waits, with the lock, for a job; NULL: enough of that. */
static struct lane_job *wait_for_job(struct lane *l)
{
    const struct timespec until = in_seconds(IDLE_S);
    int r = 0;
    l->idle++;
    while (!l->queue && !l->lanes->stopping && r != ETIMEDOUT)
        r = pthread_cond_timedwait(&l->work, &l->lanes->lock, &until);
    l->idle--;
    struct lane_job *job = l->queue;
    if (!job)
        return NULL;
    if (l->nthreads == l->idle + 1)
        l->since = in_seconds(0).tv_sec;
    l->queue = job->next;
    if (!l->queue)
        l->tail = &l->queue;
    return job;
}

static void *run(void *arg)
{
    struct lane *l = arg;
    struct lanes *ls = l->lanes;
    struct lane_job *job;
    pthread_mutex_lock(&ls->lock);
    while ((job = wait_for_job(l))) {
        pthread_mutex_unlock(&ls->lock);
        job->run(job);
        pthread_mutex_lock(&ls->lock);
        l->since = in_seconds(0).tv_sec;
    }
    l->nthreads--;
    ls->nthreads--;
    pthread_cond_signal(&ls->ended);
    pthread_mutex_unlock(&ls->lock);
    return NULL;
}

/* With the lock. */
static int start(struct lane *l)
{
    pthread_t thread;
    int r = pthread_create(&thread, NULL, run, l);
    if (r)
        return -r;
    pthread_detach(thread);
    l->nthreads++;
    l->lanes->nthreads++;
    return 0;
}

/* With the lock: how many are queued, as far as it matters. */
static bool more_than_idle(const struct lane *l)
{
    unsigned n = 0;
    for (const struct lane_job *j = l->queue; j && n <= l->idle; j = j->next)
        n++;
    return n > l->idle;
}

int lane_add(struct lane *l, struct lane_job *job)
{
    LOCK_SCOPE(&l->lanes->lock);
    struct lane_job **before = l->tail;
    job->next = NULL;
    *l->tail = job;
    l->tail = &job->next;
    if (l->nthreads < THREADS && more_than_idle(l) && start(l) < 0 && l->nthreads == 0) {
        *before = NULL;
        l->tail = before;
        return -EAGAIN;
    }
    pthread_cond_signal(&l->work);
    return 0;
}

bool lane_is_slow(struct lane *l)
{
    LOCK_SCOPE(&l->lanes->lock);
    return l->nthreads > l->idle && in_seconds(0).tv_sec - l->since > SLOW_S;
}

bool lane_take_back(struct lane *l, struct lane_job *job)
{
    LOCK_SCOPE(&l->lanes->lock);
    for (struct lane_job **p = &l->queue; *p; p = &(*p)->next) {
        if (*p != job)
            continue;
        *p = job->next;
        if (!*p)
            l->tail = p;
        return true;
    }
    return false;
}

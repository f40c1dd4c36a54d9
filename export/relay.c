/* relay.c - see relay.h.
 *
 *               thread takes it            work() ended
 *     QUEUED -------------------> RUNNING --------------> DONE     data back to the caller
 *                                    | limit is over
 *                                    +------------------> LEFT     data destroyed by the thread
 *
 * Tasks belong to a batch, which is freed by the last of the caller and its threads; all share the
 * relay's mutex, a leaf.  Only the batch's newest thread takes tasks.
 */
#include "export/relay.h"

#include "lock/cleanup.h"

#include <string.h>
#include <time.h>

enum state { QUEUED, RUNNING, DONE, LEFT };

struct task {
    char *key;
    void *data;
    enum state state;
    struct task *next_left; /* the relay's list, while LEFT */
};

struct relay {
    unsigned refs; /* the owner and each batch */
    pthread_mutex_t m;
    pthread_cond_t cond;
    struct task *left;
};

struct batch {
    unsigned refs; /* the caller and each thread */
    struct relay *relay;
    void (*work)(void *data);
    void (*destroy)(void *data);
    unsigned runner; /* which thread is the newest */
    size_t n, next;
    struct task tasks[];
};

struct runner {
    struct batch *batch;
    unsigned number;
};

int relay_open(struct relay **ret)
{
    struct relay *r = calloc(1, sizeof *r);
    pthread_condattr_t attr;

    if (!r)
        return -ENOMEM;
    r->refs = 1;
    pthread_mutex_init(&r->m, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->cond, &attr);
    pthread_condattr_destroy(&attr);
    *ret = r;
    return 0;
}

/* Called with the mutex held, which it releases. */
static void unref_and_unlock(struct relay *r)
{
    bool last = --r->refs == 0;

    pthread_mutex_unlock(&r->m);
    if (!last)
        return;
    pthread_cond_destroy(&r->cond);
    pthread_mutex_destroy(&r->m);
    free(r);
}

bool relay_hangs(struct relay *r)
{
    LOCK_SCOPE(&r->m);
    return r->left;
}

void relay_close(struct relay *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->m);
    unref_and_unlock(r);
}

/* Called with the mutex held, which it releases. */
static void batch_unref_and_unlock(struct batch *b)
{
    struct relay *r = b->relay;

    if (--b->refs > 0) {
        pthread_mutex_unlock(&r->m);
        return;
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->tasks[i].data)
            b->destroy(b->tasks[i].data);
        free(b->tasks[i].key);
    }
    free(b);
    unref_and_unlock(r);
}

static void forget_left(struct relay *r, struct task *t)
{
    struct task **p = &r->left;

    while (*p != t)
        p = &(*p)->next_left;
    *p = t->next_left;
}

static bool is_left(const struct relay *r, const char *key)
{
    for (const struct task *t = r->left; t; t = t->next_left)
        if (!strcmp(t->key, key))
            return true;
    return false;
}

/* The next task that this thread is to do; NULL: none, or another thread has taken over. */
static struct task *take(struct batch *b, unsigned number)
{
    while (b->runner == number && b->next < b->n) {
        struct task *t = &b->tasks[b->next++];

        if (is_left(b->relay, t->key))
            continue;
        t->state = RUNNING;
        pthread_cond_broadcast(&b->relay->cond);
        return t;
    }
    return NULL;
}

static void *run(void *arg)
{
    struct runner me = *(struct runner *)arg;
    struct batch *b = me.batch;
    struct relay *r = b->relay;
    struct task *t;

    free(arg);
    pthread_mutex_lock(&r->m);
    while ((t = take(b, me.number))) {
        pthread_mutex_unlock(&r->m);
        b->work(t->data);
        pthread_mutex_lock(&r->m);
        if (t->state == LEFT)
            forget_left(r, t);
        else
            t->state = DONE;
    }
    pthread_cond_broadcast(&r->cond);
    batch_unref_and_unlock(b);
    return NULL;
}

static int start(struct batch *b)
{
    struct runner *me = malloc(sizeof *me);
    pthread_t thread;

    if (!me)
        return -ENOMEM;
    *me = (struct runner){b, ++b->runner};
    b->refs++;

    int r = pthread_create(&thread, NULL, run, me);

    if (r) {
        b->refs--;
        free(me);
        return -r;
    }
    pthread_detach(thread);
    return 0;
}

static struct timespec in_ms(unsigned ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* Waits, with the mutex held, until all tasks have ended or been left. */
static int wait_all(struct batch *b, unsigned limit_ms)
{
    struct relay *r = b->relay;
    struct timespec until = in_ms(limit_ms);
    size_t watched = 0; /* `next` when `until` was set */

    for (;;) {
        struct task *current = b->next ? &b->tasks[b->next - 1] : NULL;

        if (b->next == b->n && (!current || current->state != RUNNING))
            return 0;
        if (b->next != watched) {
            watched = b->next;
            until = in_ms(limit_ms);
        }
        if (pthread_cond_timedwait(&r->cond, &r->m, &until) != ETIMEDOUT || b->next != watched)
            continue;
        if (!current || current->state != RUNNING) { /* the thread is slow to be scheduled */
            until = in_ms(limit_ms);
            continue;
        }
        current->state = LEFT;
        current->next_left = r->left;
        r->left = current;
        b->runner++;

        int error = b->next < b->n ? start(b) : 0;

        if (error)
            return error;
    }
}

static struct batch *new_batch(struct relay *r, const struct relay_item *items, size_t n)
{
    struct batch *b = calloc(1, sizeof *b + n * sizeof *b->tasks);

    if (!b)
        return NULL;
    b->relay = r;
    b->refs = 1;
    b->n = n;
    for (size_t i = 0; i < n; i++) {
        b->tasks[i].key = strdup(items[i].key);
        if (b->tasks[i].key)
            continue;
        while (i-- > 0)
            free(b->tasks[i].key);
        free(b);
        return NULL;
    }
    return b;
}

int relay_run(struct relay *r, struct relay_item *items, size_t n, void (*work)(void *data),
              void (*destroy)(void *data), unsigned limit_ms)
{
    struct batch *b = new_batch(r, items, n);

    if (!b)
        return -ENOMEM;
    b->work = work;
    b->destroy = destroy;
    for (size_t i = 0; i < n; i++) {
        b->tasks[i].data = STEAL(items[i].data);
        items[i].done = false;
    }
    pthread_mutex_lock(&r->m);
    r->refs++;

    int error = n ? start(b) : 0;

    if (error == 0)
        error = wait_all(b, limit_ms);
    b->runner++; /* whatever is queued stays so */
    for (size_t i = 0; i < n; i++) {
        if (b->tasks[i].state != DONE)
            continue;
        items[i].data = STEAL(b->tasks[i].data);
        items[i].done = true;
    }
    batch_unref_and_unlock(b);
    return error;
}

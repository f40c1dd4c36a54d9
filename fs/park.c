/* park.c - requests that wait.
 *
 * Each parked read has exactly one owner, who alone may answer it:
 *
 *                  settle(): image_wait() queued it
 *        +------------------------------------------------+
 *        |                                                v
 *      BUSY (a thread: park_read(), then others)       WAITING (the image's list)
 *        ^   |       |                                    |
 *        |   |       | send(): may hang                   | on_ready(): the image grew or failed
 *        |   |       +-------> OUT (an errand in a lane)  | kick(): image_unwait() took it back
 *        |   | answer()        |  |                       |
 *        |   v    errand_run() |  | kick()                |
 *        |  gone     has ended |  |                       v
 *        +---------------------+  +--------------------> READY (p->queue)
 *        +-----------------------------------------------+
 *                         replier() pops it
 *
 * What may hang is attempted by an errand, a copy of the read, in a thread of its node's lane,
 * which becomes the owner of the read if that is OUT still, and else leaves the result there.  A
 * read that is kicked while its errand is out may be answered before that ends: the errand is left
 * behind then, and keeps what it uses (handle, arg) until it comes back.
 *
 * An interrupt, a flush, the end and the clock never answer: they leave a note on the read and kick
 * it, so that its next owner decides.  A kick that comes while image_wait() is just queueing finds
 * nothing to take back; the clock kicks noted reads again each second.
 *
 * Locks: p->lock guards states, notes, the list of all reads and the queue.  Under it only
 * image_unwait() is called (the image's mutex is a leaf); on_ready() is called by the image without
 * locks and takes it; libfuse calls on_interrupt() under its request's lock, so no libfuse function
 * is called under p->lock.  A read is on the list as long as it exists: under p->lock what is found
 * there is valid.
 */
#include "fs/park_internal.h"

#include "fs/buffer.h"
#include "fs/interrupt.h"
#include "lock/clock.h"

#include <time.h>

#define MAX_REPEATS 64 /* attempts in a row on an image that claims to have the bytes */

static void reply(const struct park_read *r, fuse_req_t req, ssize_t n, const void *buf)
{
    if (n < 0)
        fuse_reply_err(req, (int)-n);
    else if (r->reply)
        r->reply(r, req, n);
    else
        fuse_reply_buf(req, buf, (size_t)n);
}

void park_enqueue(struct park *p, struct parked *w)
{
    w->state = READY;
    w->next_ready = NULL;
    *p->queue_tail = w;
    p->queue_tail = &w->next_ready;
    pthread_cond_signal(&p->work);
}

/* Wakes a waiting read so that an owner looks at its notes.  Called with the lock. */
static void kick(struct park *p, struct parked *w)
{
    if (w->state == OUT || (w->state == WAITING && image_unwait(w->image, &w->waiter)))
        park_enqueue(p, w);
}

static void on_ready(struct image_waiter *waiter)
{
    struct parked *w = (struct parked *)waiter;
    struct park *p = w->park;
    LOCK_SCOPE(&p->lock);
    park_enqueue(p, w);
}

static void on_interrupt(fuse_req_t req, void *arg)
{
    struct park *p = arg;
    LOCK_SCOPE(&p->lock);
    for (struct parked *w = p->all; w; w = w->next)
        if (w->req == req) {
            w->interrupted = true;
            kick(p, w);
            return;
        }
}

static void answer(struct park *p, struct parked *w, ssize_t n, const void *buf)
{
    pthread_mutex_lock(&p->lock);
    *w->pprev = w->next;
    if (w->next)
        w->next->pprev = w->pprev;
    if (p->stopping)
        pthread_cond_signal(&p->clock);
    pthread_mutex_unlock(&p->lock);
    reply(&w->read, w->req, n, buf);
    if (w->read.drop)
        w->read.drop(&w->read);
    image_unref(w->image);
    free(w);
}

/* A page of a private mapping, or readahead: the kernel neither interrupts it nor names its owner,
 * and sends no release before it is answered. */
static bool fills_cache(const struct parked *w)
{
    return w->read.lock_owner == 0;
}

/* What to answer though the bytes are not there: 0 (wait on) or -errno. */
static int give_up(struct park *p, struct parked *w)
{
    pthread_mutex_lock(&p->lock);
    int verdict = w->verdict;
    bool interrupted = w->interrupted;
    pthread_mutex_unlock(&p->lock);
    if (verdict)
        return verdict;
    if (interrupted && interrupt_is_real(w->tid))
        return -EINTR;
    if (fills_cache(w) && interrupt_is_end(w->tid))
        return -EINTR;
    int64_t now = clock_s();
    if (now < w->look_at)
        return 0;
    uint64_t progress = w->read.progress ? w->read.progress(&w->read) : 0;
    if (progress != w->progress)
        w->progress_at = now;
    w->progress = progress;
    w->look_at = now + (p->stall_s + 3) / 4;
    return now - w->progress_at >= p->stall_s ? -ETIMEDOUT : 0;
}

static bool is_answer(ssize_t n, const struct park_try *t)
{
    return n != -EAGAIN || (!t->image && !t->lane);
}

/* Hands the read to its image.  True: it is gone from us; false: the bytes are there already. */
static bool queue_at_image(struct park *p, struct parked *w)
{
    w->waiter = (struct image_waiter){
        .ready = on_ready, .file = w->read.file, .off = w->read.off, .len = w->read.len};
    pthread_mutex_lock(&p->lock);
    w->state = WAITING;
    pthread_mutex_unlock(&p->lock);
    if (image_wait(w->image, &w->waiter) == 0)
        return true;
    pthread_mutex_lock(&p->lock);
    w->state = BUSY;
    pthread_mutex_unlock(&p->lock);
    return false;
}

/* What has become of its errand?  True: it is settled so far, answered or out again. */
static bool settle_errand(struct park *p, struct parked *w)
{
    int r = give_up(p, w);
    if (r == 0 && clock_ms() < w->last_at)
        return errand_stay_out(p, w);
    if (!errand_leave(p, w) || r == 0)
        return false;
    answer(p, w, r, NULL);
    return true;
}

/* After an attempt that came to nothing.  True: it waits, or it is answered. */
static bool wait_again(struct park *p, struct parked *w, const struct park_try *t)
{
    image_unref(w->image);
    w->image = t->image;
    int r = give_up(p, w);
    if (r == 0 && t->lane)
        r = errand_send(p, w, t->lane);
    else if (r == 0)
        return queue_at_image(p, w);
    if (r < 0)
        answer(p, w, r, NULL);
    return true;
}

/* One attempt, or what its errand has brought.  True: it is answered, or waits again. */
static bool try_once(struct park *p, struct parked *w)
{
    struct errand *e = errand_take_done(p, w);
    struct park_try t = {.last = clock_ms() >= w->last_at};
    ssize_t n;
    if (e) {
        t = e->try;
        e->try.image = NULL;
        n = e->result;
    } else {
        t.buf = buffer_get(w->read.len);
        n = t.buf ? w->read.attempt(&w->read, &t) : -ENOMEM;
    }
    bool settled = true;
    if (is_answer(n, &t))
        answer(p, w, n, t.buf);
    else
        settled = wait_again(p, w, &t);
    if (e)
        errand_free(e);
    return settled;
}

void park_settle(struct park *p, struct parked *w)
{
    for (int repeat = 0; repeat < MAX_REPEATS; repeat++) {
        if (errand_is_out(p, w) ? settle_errand(p, w) : try_once(p, w))
            return;
    }
    answer(p, w, -EIO, NULL);
}

static void *replier(void *arg)
{
    struct park *p = arg;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->queue && !(p->stopping && !p->all))
            pthread_cond_wait(&p->work, &p->lock);
        struct parked *w = p->queue;
        if (!w)
            break;
        p->queue = w->next_ready;
        if (!p->queue)
            p->queue_tail = &p->queue;
        w->state = BUSY;
        pthread_mutex_unlock(&p->lock);
        park_settle(p, w);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* When the clock looks again: in a second, or for the next last attempt.  With the lock. */
static int64_t next_look(const struct park *p)
{
    int64_t ms = clock_ms() + 1000;
    for (const struct parked *w = p->all; w; w = w->next)
        if (w->last_at < ms)
            ms = w->last_at;
    return ms;
}

/* Until then, or, if there was no read last time either, until there is one.  With the lock. */
static void sleep_until_look(struct park *p, bool idle)
{
    p->next_look = next_look(p);
    p->asleep = idle && !p->all;
    struct timespec until = {.tv_sec = p->next_look / 1000,
                             .tv_nsec = p->next_look % 1000 * 1000000};
    if (p->asleep)
        pthread_cond_wait(&p->clock, &p->lock);
    else
        pthread_cond_timedwait(&p->clock, &p->lock, &until);
    p->asleep = false;
}

/* The clock: looks at all reads each second, as long as there are any. */
static void *watcher(void *arg)
{
    struct park *p = arg;
    bool idle = true;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping || p->all) {
        sleep_until_look(p, idle);
        idle = !p->all;
        int64_t now = clock_s(), ms = clock_ms();
        for (struct parked *w = p->all; w; w = w->next) {
            if (p->stopping)
                w->verdict = -EINTR;
            if (w->verdict || w->interrupted || fills_cache(w) || now >= w->look_at ||
                ms >= w->last_at)
                kick(p, w);
        }
    }
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Wakes the clock only if it sleeps for too long: that is not so from read to read. */
static void add(struct park *p, struct parked *w)
{
    LOCK_SCOPE(&p->lock);
    w->next = p->all;
    if (w->next)
        w->next->pprev = &w->next;
    if (p->asleep || w->last_at < p->next_look)
        pthread_cond_signal(&p->clock);
    w->pprev = &p->all;
    p->all = w;
}

static struct parked *new_parked(struct park *p, fuse_req_t req, const struct park_read *r)
{
    struct parked *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->park = p;
    w->read = *r;
    w->req = req;
    w->tid = fuse_req_ctx(req)->pid;
    w->state = BUSY;
    w->progress_at = clock_s();
    w->look_at = w->progress_at + 1;
    w->last_at = r->limit_ms ? clock_ms() + r->limit_ms : INT64_MAX;
    return w;
}

/* Answers what need not be parked. */
static void answer_at_once(const struct park_read *r, fuse_req_t req, ssize_t n, const void *buf)
{
    reply(r, req, n, buf);
    if (r->drop)
        r->drop(r);
}

void park_read(struct park *p, fuse_req_t req, const struct park_read *r)
{
    struct park_try t = {.lane = r->lane};
    if (!t.lane) {
        t.buf = buffer_get(r->len);
        ssize_t n = t.buf ? r->attempt(r, &t) : -ENOMEM;
        if (is_answer(n, &t)) {
            answer_at_once(r, req, n, t.buf);
            return;
        }
    }
    struct parked *w = new_parked(p, req, r);
    if (!w) {
        image_unref(t.image);
        answer_at_once(r, req, -ENOMEM, NULL);
        return;
    }
    add(p, w);
    fuse_req_interrupt_func(req, on_interrupt, p); /* may call it at once */
    if (!wait_again(p, w, &t))
        park_settle(p, w);
}

void park_flush(struct park *p, const struct handle *h, uint64_t lock_owner)
{
    LOCK_SCOPE(&p->lock);
    for (struct parked *w = p->all; w; w = w->next)
        if (w->read.handle == h && w->read.lock_owner == lock_owner) {
            w->verdict = -EINTR;
            kick(p, w);
        }
}

int park_new(unsigned stall_s, struct park **ret)
{
    struct park *p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->settled, NULL);
    pthread_cond_init(&p->clock, &attr);
    pthread_condattr_destroy(&attr);
    p->queue_tail = &p->queue;
    p->stall_s = stall_s;
    while (p->nthreads < REPLIERS + 1) {
        int r = pthread_create(&p->threads[p->nthreads], NULL, p->nthreads ? replier : watcher, p);
        if (r) {
            park_stop(p);
            park_free(p);
            return -r;
        }
        p->nthreads++;
    }
    *ret = p;
    return 0;
}

void park_stop(struct park *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->clock);
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned t = 0; t < p->nthreads; t++)
        pthread_join(p->threads[t], NULL);
    p->nthreads = 0;
    LOCK_SCOPE(&p->lock);
    while (p->settling)
        pthread_cond_wait(&p->settled, &p->lock);
}

void park_free(struct park *p)
{
    if (!p)
        return;
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->clock);
    pthread_cond_destroy(&p->settled);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* errand.c - an attempt of a parked read that may hang, made in its node's lane (park.c).
 *
 *               lane's thread takes it       attempt has returned
 *     QUEUED ------------------------> BEGUN ---------------------> DONE   left at the read, or,
 *        | leave(): taken back           | leave()                         if nobody has that, at
 *        v                               v                                 once settled with it
 *      gone                             LEFT ---------------------> gone, with what it used
 *
 * An errand and its read know each other under p->lock (e->of, w->errand) until one lets go.  The
 * bytes are in its thread's own buffer; those that are left for another are copied.  park_stop()
 * waits for who settles here, for libfuse's session ends after it.
 */
#include "fs/park_internal.h"

#include "fs/buffer.h"
#include "fs/handles.h"

#include <string.h>

/* left: the read was answered before it came back. */
static void give_back(struct errand *e, bool left)
{
    image_unref(e->try.image);
    if (left && e->read.drop)
        e->read.drop(&e->read);
    if (e->read.handle)
        handles_unref(e->read.fs, e->read.handle);
    free(e->kept);
    free(e);
}

void errand_free(struct errand *e)
{
    give_back(e, false);
}

/* With the lock: the buffer is its thread's, who uses it again. */
static void keep_bytes(struct errand *e)
{
    size_t n = e->read.reply || e->result <= 0 ? 0 : (size_t)e->result;
    if (n == 0)
        return;
    e->kept = malloc(n);
    if (e->kept)
        memcpy(e->kept, e->try.buf, n);
    else
        e->result = -ENOMEM;
    e->try.buf = e->kept;
}

/* Leaves the result at its read.  *settle: that, if nobody has it: it is BUSY, and the caller's.
 * False: the read was answered before. */
static bool hand_over(struct park *p, struct errand *e, struct parked **settle)
{
    LOCK_SCOPE(&p->lock);
    struct parked *w = e->of;
    *settle = NULL;
    e->done = true;
    if (w && w->state == OUT) {
        w->state = BUSY;
        p->settling++;
        *settle = w;
    } else if (w) {
        keep_bytes(e);
    }
    return w;
}

static void errand_run(struct lane_job *job)
{
    struct errand *e = (struct errand *)job;
    struct park *p = e->park;
    struct parked *w;
    e->try.buf = buffer_get(e->read.len);
    e->result = e->try.buf ? e->read.attempt(&e->read, &e->try) : -ENOMEM;
    if (!hand_over(p, e, &w))
        give_back(e, true);
    if (!w)
        return;
    park_settle(p, w);
    LOCK_SCOPE(&p->lock);
    if (--p->settling == 0)
        pthread_cond_broadcast(&p->settled);
}

int errand_send(struct park *p, struct parked *w, struct lane *lane)
{
    struct errand *e = calloc(1, sizeof(*e));
    if (!e)
        return -ENOMEM;
    *e = (struct errand){.job = {.run = errand_run},
                         .park = p,
                         .of = w,
                         .read = w->read,
                         .try = {.may_hang = true},
                         .lane = lane};
    if (e->read.handle)
        handles_ref(e->read.handle);
    pthread_mutex_lock(&p->lock);
    w->errand = e;
    w->state = OUT;
    int r = lane_add(lane, &e->job);
    if (r < 0) {
        w->errand = NULL;
        w->state = BUSY;
    }
    pthread_mutex_unlock(&p->lock);
    if (r < 0)
        errand_free(e);
    return r;
}

bool errand_is_out(struct park *p, struct parked *w)
{
    LOCK_SCOPE(&p->lock);
    return w->errand && !w->errand->done;
}

struct errand *errand_take_done(struct park *p, struct parked *w)
{
    LOCK_SCOPE(&p->lock);
    return w->errand && w->errand->done ? STEAL(w->errand) : NULL;
}

bool errand_stay_out(struct park *p, struct parked *w)
{
    LOCK_SCOPE(&p->lock);
    if (w->errand->done)
        return false;
    w->state = OUT;
    return true;
}

bool errand_leave(struct park *p, struct parked *w)
{
    pthread_mutex_lock(&p->lock);
    struct errand *e = w->errand;
    bool left = !e->done, unbegun = left && lane_take_back(e->lane, &e->job);
    if (left) {
        w->errand = NULL;
        e->of = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    if (unbegun)
        errand_free(e);
    else if (left)
        w->read.drop = NULL; /* the errand's */
    return left;
}

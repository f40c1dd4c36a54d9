/* errand.c - an attempt of a parked read that may hang, made in its node's lane (park.c).
 *
 *               lane's thread takes it       attempt has returned
 *     QUEUED ------------------------> BEGUN ---------------------> DONE   left at the read
 *        | leave(): taken back           | leave()
 *        v                               v
 *      gone                             LEFT ---------------------> gone, with what it used
 *
 * An errand and its read know each other under p->lock (e->of, w->errand) until one lets go.
 */
#include "fs/park_internal.h"

#include "fs/handles.h"

/* left: the read was answered before it came back. */
static void give_back(struct errand *e, bool left)
{
    image_unref(e->try.image);
    if (left && e->read.drop)
        e->read.drop(&e->read);
    if (e->read.handle)
        handles_unref(e->read.fs, e->read.handle);
    free(e->try.buf);
    free(e);
}

void errand_free(struct errand *e)
{
    give_back(e, false);
}

static void errand_run(struct lane_job *job)
{
    struct errand *e = (struct errand *)job;
    struct park *p = e->park;
    e->try.buf = malloc(e->read.len + 1);
    e->result = e->try.buf ? e->read.attempt(&e->read, &e->try) : -ENOMEM;
    pthread_mutex_lock(&p->lock);
    bool left = !e->of;
    e->done = true;
    if (!left && e->of->state == OUT)
        park_enqueue(p, e->of);
    pthread_mutex_unlock(&p->lock);
    if (left)
        give_back(e, true);
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

/* acquire.c - lock_acquire() and lock_add() of lock.h: a request from its check to its end.
 *
 * Both are one mechanism.  A request is put into the queue whatever the chances, and what
 * is free is granted by the same rule as to those who wait.  Only when it is not granted in
 * the same session is it published as a wait.  An addition differs in that it passes other
 * waiters, and that its names must be new.
 *
 * An owner's place in the queue, its ticket, is drawn by its first attempt at a level and
 * kept until a request there is granted or fails for another reason than time.
 */
#include "manager.h"

#include <time.h>

/* Spec §2.1: nothing without the BGL, levels upwards only, a level once. */
static int check_order(const struct holder *h, enum lock_level level, bool adding)
{
    if (level != LOCK_CLUSTER && !holder_owns(h, LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED))
        return -EDEADLK;
    if (!holder_idle_above(h, level))
        return -EDEADLK;
    if (!holder_idle_at(h, level) && !(adding && h->held[level][LOCK_EXCLUSIVE].all))
        return -EDEADLK;
    return 0;
}

static void enqueue(struct lock_owner *o, struct claim *want, bool adding)
{
    struct holder *h = &o->h;
    struct place *place = &o->place[want->level];

    h->serial = manager_serial(o->m);
    if (!place->ticket) {
        place->ticket = h->serial;
        place->since = (int64_t)time(NULL);
    }
    h->ticket = place->ticket;
    h->want_since = place->since;
    h->want = *want;
    want->names = (struct strvec){0};
    h->adding = adding;
    h->waiting = true;
    o->result = 0;
}

/* The request ends without a grant. */
static int give_up(struct lock_owner *o, int r)
{
    o->h.waiting = false;
    claim_clear(&o->h.want);
    if (r != -ETIMEDOUT)
        o->place[o->h.want.level].ticket = 0;
    return r;
}

static void sleep_until(struct lock_owner *o, int64_t when)
{
    struct timespec ts = {.tv_sec = when / 1000, .tv_nsec = when % 1000 * 1000000};

    pthread_cond_timedwait(&o->wake, &o->m->mutex, &ts);
}

/* Waits until the request is granted or fails; in the end it is no longer pending. */
static int wait_for_end(struct lock_owner *o, int64_t deadline)
{
    struct lock_manager *m = o->m;
    int r = 0;

    while (o->h.waiting && r == 0) {
        int64_t now = manager_now();

        if (atomic_load(&o->cancelled))
            r = -ECANCELED;
        else if (now >= deadline || now >= m->next_look)
            r = manager_look(m); /* a last one at the deadline */
        else
            sleep_until(o, deadline < m->next_look ? deadline : m->next_look);
        if (r == 0 && now >= deadline)
            r = -ETIMEDOUT;
    }
    if (o->h.waiting) {
        r = give_up(o, r);
        manager_changed(m);
        return r;
    }
    claim_clear(&o->h.want);
    o->place[o->h.want.level].ticket = 0;
    return o->result;
}

static int64_t deadline_of(int64_t timeout_ms)
{
    int64_t deadline;

    if (timeout_ms < 0 || __builtin_add_overflow(manager_now(), timeout_ms, &deadline))
        return INT64_MAX;
    return deadline;
}

/* Does anybody hold one of the names, or wait for it (spec §2.5: duplicate)? */
static int check_new(const struct table *t, const struct claim *want)
{
    const struct holder *h;

    LIST_FOREACH(h, t, link)
    for (size_t i = 0; i < want->names.n; i++) {
        const struct claim *held = h->held[want->level];
        const char *name = want->names.v[i];

        if (claim_has(&held[LOCK_SHARED], name) || claim_has(&held[LOCK_EXCLUSIVE], name))
            return -EEXIST;
        if (h->waiting && h->want.level == want->level && claim_has(&h->want, name))
            return -EEXIST;
    }
    return 0;
}

/* Enters the request.  Returns 0 with it granted or pending, or an error with neither. */
static int try_now(struct lock_owner *o, struct claim *want, bool adding, bool may_wait)
{
    struct lock_manager *m = o->m;
    int r = manager_scan(m), err;

    if (r == 0 && adding)
        r = check_new(&m->table, want);
    if (r < 0) {
        manager_commit(m); /* the scan may have failed others */
        return r;
    }
    enqueue(o, want, adding);
    manager_grant(m);
    if (o->h.waiting && !may_wait)
        r = give_up(o, -ETIMEDOUT);
    else
        m->dirty = true;
    err = manager_commit(m);
    if (err < 0 && o->h.waiting)
        return give_up(o, err);
    return r;
}

static int request(struct lock_owner *o, struct claim *want, bool adding, int64_t timeout_ms)
{
    int64_t deadline = deadline_of(timeout_ms);
    int r = check_order(&o->h, want->level, adding);

    if (r < 0)
        return r;
    if (atomic_load(&o->cancelled))
        return -ECANCELED;
    if (claim_empty(want))
        return 0;

    LOCK_SCOPE(&o->m->mutex);
    manager_begin(o->m);
    r = try_now(o, want, adding, timeout_ms != 0);
    manager_end(o->m);
    return r < 0 ? r : wait_for_end(o, deadline);
}

int lock_acquire(struct lock_owner *o, const struct lock_request *rq, int64_t timeout_ms)
{
    CLEANUP_CLAIM struct claim want = {0};
    int r = claim_from_request(rq, &want);

    return r < 0 ? r : request(o, &want, false, timeout_ms);
}

/* The names belong to a set that the owner has for itself: nobody to wait for. */
static int add_to_own_set(struct lock_owner *o, const struct claim *want)
{
    struct claim *held = &o->h.held[want->level][LOCK_EXCLUSIVE];
    struct lock_manager *m = o->m;
    int r = manager_scan(m), err;

    if (r == 0)
        r = check_new(&m->table, want);
    if (r == 0)
        r = claim_add(held, (const char *const *)want->names.v, want->names.n);
    m->dirty |= r == 0;
    err = manager_commit(m);
    for (size_t i = 0; r == 0 && err < 0 && i < want->names.n; i++)
        claim_remove(held, want->names.v[i]);
    return r < 0 ? r : err;
}

int lock_add(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n,
             int64_t timeout_ms)
{
    struct lock_request rq = {.level = level, .mode = LOCK_EXCLUSIVE, .names = names, .n = n};
    CLEANUP_CLAIM struct claim want = {0};
    int r = level == LOCK_CLUSTER ? -EINVAL : claim_from_request(&rq, &want);

    if (r < 0)
        return r;
    if (!o->h.held[level][LOCK_EXCLUSIVE].all)
        return request(o, &want, true, timeout_ms);
    r = check_order(&o->h, level, true);
    if (r < 0)
        return r;
    if (atomic_load(&o->cancelled))
        return -ECANCELED;

    LOCK_SCOPE(&o->m->mutex);
    manager_begin(o->m);
    r = add_to_own_set(o, &want);
    manager_end(o->m);
    return r;
}

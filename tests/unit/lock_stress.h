/* lock_stress.h - random requests by many owners, and counters that tell when two of them
 * have what only one may have.  The counters may lie in memory that processes share.
 */
#ifndef LOCK_STRESS_H
#define LOCK_STRESS_H

#include "lock_test.h"

#include <sched.h>
#include <stdatomic.h>

#define STRESS_NAMES 4

/* How many have a name: -1 one exclusively, else so many share it. */
struct stress {
    atomic_int users[STRESS_NAMES];
    atomic_int bgl;
    atomic_int violations;
    atomic_int granted;
};

static const char *const stress_names[STRESS_NAMES] = {"n0", "n1", "n2", "n3"};

static UNUSED unsigned stress_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static UNUSED void stress_enter(struct stress *s, atomic_int *users, enum lock_mode mode)
{
    int before = mode == LOCK_SHARED ? atomic_fetch_add(users, 1) : atomic_exchange(users, -1);

    if (mode == LOCK_SHARED ? before < 0 : before != 0)
        atomic_fetch_add(&s->violations, 1);
}

static UNUSED void stress_leave(struct stress *s, atomic_int *users, enum lock_mode mode)
{
    int before = mode == LOCK_SHARED ? atomic_fetch_sub(users, 1) : atomic_exchange(users, 0);

    if (mode == LOCK_SHARED ? before < 1 : before != -1)
        atomic_fetch_add(&s->violations, 1);
}

/* Holds what rq says for a moment, perhaps downgraded in the middle. */
static UNUSED void stress_hold(struct stress *s, struct lock_owner *o,
                               const struct lock_request *rq, unsigned mask, bool downgrade)
{
    enum lock_mode mode = rq->mode;

    atomic_fetch_add(&s->granted, 1);
    for (int i = 0; i < STRESS_NAMES; i++)
        if (mask & 1u << i)
            stress_enter(s, &s->users[i], mode);
    sched_yield();
    if (downgrade && mode == LOCK_EXCLUSIVE && mask) {
        for (int i = 0; i < STRESS_NAMES; i++)
            if (mask & 1u << i) {
                stress_leave(s, &s->users[i], LOCK_EXCLUSIVE);
                stress_enter(s, &s->users[i], LOCK_SHARED);
            }
        mode = LOCK_SHARED;
        if (lock_downgrade(o, rq->level, NULL, 0) != 0)
            atomic_fetch_add(&s->violations, 1);
        sched_yield();
    }
    for (int i = 0; i < STRESS_NAMES; i++)
        if (mask & 1u << i)
            stress_leave(s, &s->users[i], mode);
}

/* One owner's life: the BGL, a random request at the node level, everything released. */
static UNUSED int stress_once(struct stress *s, struct lock_manager *m, unsigned *seed)
{
    static const int64_t timeouts[] = {0, 3, LOCK_FOREVER, LOCK_FOREVER};
    enum lock_mode bgl = stress_random(seed) % 16 == 0 ? LOCK_EXCLUSIVE : LOCK_SHARED;
    int64_t timeout = timeouts[stress_random(seed) % 4];
    unsigned mask = stress_random(seed) % (1u << STRESS_NAMES);
    struct lock_request rq = {.level = LOCK_NODE};
    const char *names[STRESS_NAMES];
    struct lock_owner *o;
    int r;

    rq.mode = stress_random(seed) % 2 ? LOCK_EXCLUSIVE : LOCK_SHARED;
    rq.all = mask == (1u << STRESS_NAMES) - 1;
    rq.names = names;
    for (int i = STRESS_NAMES - 1; i >= 0; i--)
        if (mask & 1u << i)
            names[rq.n++] = stress_names[i];
    if (lock_owner_new(m, "stress", (int)(stress_random(seed) % 3) - 1, &o) != 0)
        return -1;
    r = get(o, LOCK_CLUSTER, bgl, LOCK_FOREVER, NAMES(LOCK_BGL));
    if (r == 0) {
        stress_enter(s, &s->bgl, bgl);
        r = lock_acquire(o, &rq, timeout);
        if (r == 0)
            stress_hold(s, o, &rq, mask, stress_random(seed) % 2);
        else if (r == -ETIMEDOUT && timeout != LOCK_FOREVER)
            r = 0;
        stress_leave(s, &s->bgl, bgl);
    }
    lock_owner_free(o);
    return r;
}

#endif

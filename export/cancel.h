/* cancel.h - a request to stop, visible to loops (flag) and to poll(2) (eventfd).
 *
 * The other way, who can be asked to stop tells that it lives: a thread that does not for long
 * hangs somewhere.
 */
#ifndef EXPORT_CANCEL_H
#define EXPORT_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cancel {
    atomic_bool requested;
    atomic_uint_fast64_t life;
    int fd; /* readable for ever once requested */
};

int cancel_init(struct cancel *c); /* 0 or -errno */
void cancel_destroy(struct cancel *c);
void cancel_request(struct cancel *c); /* any thread, signal safe */

static inline bool cancel_requested(struct cancel *c)
{
    return c && atomic_load_explicit(&c->requested, memory_order_relaxed);
}

/* A sign of life; each loop that looks at the request gives one as often.  NULL allowed. */
static inline void cancel_alive(struct cancel *c)
{
    if (c)
        atomic_fetch_add_explicit(&c->life, 1, memory_order_relaxed);
}

/* A number that changes with each. */
static inline uint64_t cancel_life(struct cancel *c)
{
    return atomic_load_explicit(&c->life, memory_order_relaxed);
}

/* Gives a sign of life and sleeps up to ms milliseconds; returns -ECANCELED at once when requested,
 * else 0.  c may be NULL.
 */
int cancel_sleep(struct cancel *c, int ms);

#endif

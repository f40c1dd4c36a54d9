/* cancel.h - a request to stop, visible to loops (flag) and to poll(2) (eventfd). */
#ifndef EXPORT_CANCEL_H
#define EXPORT_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

struct cancel {
    atomic_bool requested;
    int fd; /* readable for ever once requested */
};

int cancel_init(struct cancel *c); /* 0 or -errno */
void cancel_destroy(struct cancel *c);
void cancel_request(struct cancel *c); /* any thread, signal safe */

static inline bool cancel_requested(struct cancel *c)
{
    return c && atomic_load_explicit(&c->requested, memory_order_relaxed);
}

/* Sleeps up to ms milliseconds; returns -ECANCELED at once when requested, else 0.  c may be NULL.
 */
int cancel_sleep(struct cancel *c, int ms);

#endif

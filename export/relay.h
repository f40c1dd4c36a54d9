/* relay.h - runs probes that may hang, one after the other, without hanging with them.
 *
 * A thread does them in turn; when one does not come back in time, that thread is left behind with
 * it and another takes over from the next.  A probe is not started again while an earlier one of
 * the same key is still out, so a dead server costs one thread, not one per look.
 */
#ifndef EXPORT_RELAY_H
#define EXPORT_RELAY_H

#include <stdbool.h>
#include <stddef.h>

struct relay;

struct relay_item {
    const char *key; /* what the probe may hang on */
    void *data;      /* work's; taken from the caller (NULL afterwards) unless done */
    bool done;
};

int relay_open(struct relay **ret); /* 0, -ENOMEM */
void relay_close(struct relay *r);  /* NULL allowed; left threads end when they can */
bool relay_hangs(struct relay *r);  /* a thread was left behind and has not come back */

/* Runs work(data) for each item and waits for each at most limit_ms.  Afterwards done tells which
 * have ended; the others' data belongs to the relay, which destroys it.  0, -ENOMEM, -EAGAIN (then
 * no item is done).  Several threads may run batches at once. */
int relay_run(struct relay *r, struct relay_item *items, size_t n, void (*work)(void *data),
              void (*destroy)(void *data), unsigned limit_ms);

#endif

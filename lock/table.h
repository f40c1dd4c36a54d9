/* table.h - the queue: who holds and who waits for what, and who is in whose way.
 *
 * Pure logic over lists of holders, no I/O, no thread safety of its own.
 */
#ifndef LOCK_TABLE_H
#define LOCK_TABLE_H

#include "claim.h"

#include <stdatomic.h>
#include <sys/queue.h>

/* One owner as everybody sees it, of this process or of another one. */
struct holder {
    LIST_ENTRY(holder) link;
    char *description; /* owned */
    int pid;
    bool foreign; /* lives in another process (or another manager of this one) */
    _Atomic int priority;
    struct claim held[LOCK_LEVELS][2]; /* by level and mode */
    int64_t since[LOCK_LEVELS];        /* Unix seconds, of what is held */
    /* The pending request, meaningful while waiting. */
    bool waiting;
    bool adding;       /* it creates names, so it passes other waiters (lock_add) */
    struct claim want; /* one level, one mode */
    int64_t want_since;
    uint64_t ticket; /* place in the queue; kept over timed-out attempts */
    uint64_t serial; /* of this very attempt; what deletion marks look at */
};

LIST_HEAD(table, holder);

/* Makes an empty holder: no names, normal priority.  Takes no memory. */
void holder_init(struct holder *h);

/* One line without control characters? */
bool holder_description_valid(const char *s);

/* Gives back what a holder owns, not the struct. */
void holder_clear(struct holder *h);

/* Frees all holders of a list that were allocated one by one, and empties it. */
void table_free(struct table *t);

/* Nothing held at any level above this one. */
bool holder_idle_above(const struct holder *h, enum lock_level level);

/* Nothing held at this level. */
bool holder_idle_at(const struct holder *h, enum lock_level level);

/* Does it hold the name, directly or by the set, at least in this mode? */
bool holder_owns(const struct holder *h, enum lock_level level, const char *name,
                 enum lock_mode mode);

/* Is a's pending request to be served before b's: more important, then older? */
bool holder_ahead(const struct holder *a, const struct holder *b);

/* Somebody who keeps the pending request of h, which is in t, from being granted: one who
 * holds something that it excludes, else one who waits for such a thing ahead of it (which
 * does not stop a request that adds names).  NULL: it may be granted now. */
struct holder *table_blocker(const struct table *t, const struct holder *h);

/* Turns h's pending request into a hold; the level must be idle. */
void holder_grant(struct holder *h, int64_t now);

/* Undoes holder_grant(). */
void holder_ungrant(struct holder *h, enum lock_level level, enum lock_mode mode);

#define CLEANUP_TABLE CLEANUP(table_free)

#endif

/* attempts.h - how long each attempt to get the locks may take (spec §2.7, v3.0.2's
 * numbers).
 *
 * t0 = 5 s, t(n+1) = (t(n) * 1.05) ^ 1.25, clamped to [5, 75] s, until the sum reaches
 * 1800 s (28 attempts); each value is then varied by up to +-5 %.  When the list is used
 * up the caller raises its priority and starts a new list; at the highest priority it
 * blocks for good. Pure arithmetic; no thread safety of its own.
 */
#ifndef LOCK_ATTEMPTS_H
#define LOCK_ATTEMPTS_H

#include <stdint.h>

struct lock_attempts {
    unsigned next;  /* index of the next attempt */
    double sum;     /* of the unvaried timeouts handed out, seconds */
    double current; /* the unvaried timeout of the next attempt, seconds */
    uint64_t seed;  /* of the variation; 0: none */
};

/* Starts a list.  seed 0 gives the exact values (for tests), others vary them. */
void lock_attempts_init(struct lock_attempts *a, uint64_t seed);

/* Milliseconds for the next attempt, or LOCK_FOREVER when the list is used up. */
int64_t lock_attempts_next(struct lock_attempts *a);

/* What the next call would give is LOCK_FOREVER. */
int lock_attempts_exhausted(const struct lock_attempts *a);

#endif

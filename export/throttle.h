/* throttle.h - how many bytes a second all copying of a mount may take together (-o bwlimit).
 *
 * Whoever is about to copy a chunk takes its bytes first, and waits for its turn.  Holes, and
 * clones, are not copied: nobody takes for them.
 */
#ifndef EXPORT_THROTTLE_H
#define EXPORT_THROTTLE_H

#include "export/cancel.h"
#include "export/err.h"

#include <stddef.h>
#include <stdint.h>

/* --- the arithmetic; times in nanoseconds of a clock that does not go back --- */

struct bucket {
    uint64_t rate;  /* bytes a second; 0: no limit */
    uint64_t asked; /* bytes, ever */
    uint64_t paid;  /* the first so many of these are paid for; up to a burst more than asked */
    int64_t at;     /* as of when */
};

/* Nothing is saved up yet. */
void bucket_begin(struct bucket *b, uint64_t rate, int64_t now);
/* From now on. */
void bucket_set(struct bucket *b, uint64_t rate, int64_t now);
/* Takes bytes; returns the place in the queue, for bucket_wait(). */
uint64_t bucket_take(struct bucket *b, uint64_t bytes, int64_t now);
/* How long it is, at this rate, until what was taken before that place is paid for; 0: it may
 * begin. */
int64_t bucket_wait(struct bucket *b, uint64_t place, int64_t now);

/* --- the throttle of a mount; any thread --- */

struct throttle;

int throttle_new(uint64_t rate, struct throttle **ret); /* 0 or -ENOMEM */
void throttle_free(struct throttle *t);                 /* NULL allowed */
uint64_t throttle_rate(struct throttle *t);             /* 0: no limit, or t is NULL */
void throttle_set(struct throttle *t, uint64_t rate);   /* also for those that wait */

/* Waits until so many bytes may be copied, with signs of life.  0, or -ECANCELED with *err, at
 * once.  t and cancel may be NULL. */
int throttle_take(struct throttle *t, uint64_t bytes, struct cancel *cancel, struct err *err);

/* "8M": a whole number, and perhaps K, M, G or T for powers of 1024.  0, -EINVAL, -ERANGE. */
int throttle_parse(const char *text, uint64_t *ret);
/* What a refused text is: "... is <that>". */
const char *throttle_refusal(int r);

#endif

/* claim.h - what somebody holds or asks for at one level, and which claims exclude each
 * other.
 *
 * Pure data, no I/O, no thread safety of its own.
 */
#ifndef LOCK_CLAIM_H
#define LOCK_CLAIM_H

#include "lock.h"
#include "strvec.h"

/* One mode at one level: the whole set, some names, or (after names were added by whoever
 * has the set) both; nothing at all when empty. */
struct claim {
    enum lock_level level;
    enum lock_mode mode;
    bool all;
    struct strvec names; /* sorted, each once */
};

/* Any text of printable ASCII but the empty one. */
bool claim_name_valid(const char *name);

/* The level exists, and every name is valid and may be there: only LOCK_BGL lives at the
 * cluster level.  Returns 0 or -EINVAL. */
int claim_check(enum lock_level level, const char *const *names, size_t n);

/* Makes a claim of a request; the caller clears it.  Returns 0, -EINVAL or -ENOMEM. */
int claim_from_request(const struct lock_request *rq, struct claim *ret);

/* Empties it; level and mode stay. */
void claim_clear(struct claim *c);

bool claim_empty(const struct claim *c);

/* Is the name listed?  The set does not count here.  Logarithmic. */
bool claim_has(const struct claim *c, const char *name);

/* Takes a name out if it is listed.  Never fails. */
void claim_remove(struct claim *c, const char *name);

/* Adds names.  Returns 0 or -ENOMEM (unchanged). */
int claim_add(struct claim *c, const char *const *names, size_t n);

/* May these two not be held by different owners at once (spec §2.6)? */
bool claim_conflicts(const struct claim *a, const struct claim *b);

#define CLEANUP_CLAIM CLEANUP(claim_clear)

#endif

/* marks.h - deleted names, as told to those who still wait for them.
 *
 * A mark says: requests that named this lock and were made before the deletion fail with
 * -EIDRM.  It lives in the state directory, not with the process that deleted, so it
 * outlives that one; and only until the last such request is gone.  Every function wants
 * statedir_lock() held.
 */
#ifndef LOCK_MARKS_H
#define LOCK_MARKS_H

#include "statedir.h"

struct mark {
    enum lock_level level;
    uint64_t before; /* serials below this one are meant */
    char *name;      /* owned */
};

struct marks {
    struct mark *v;
    size_t n;
};

void marks_clear(struct marks *ms);

/* Reads the marks that are set.  Lines that make no sense are skipped.  Returns 0 or a
 * negative errno. */
int marks_load(struct statedir *sd, struct marks *ret);

/* Adds a mark.  Returns 0 or -ENOMEM. */
int marks_add(struct marks *ms, enum lock_level level, uint64_t before, const char *name);

/* Drops those that no foreign waiter in t is yet to see.  Returns whether any went. */
bool marks_prune(struct marks *ms, const struct table *t);

/* Writes them down.  Returns 0 or a negative errno (nothing changed). */
int marks_save(struct statedir *sd, const struct marks *ms);

/* Is h's pending request meant by one of the marks?  A request that adds names never is. */
bool marks_hit(const struct marks *ms, const struct holder *h);

#define CLEANUP_MARKS CLEANUP(marks_clear)

#endif

/* lowly.h - copying makes way for everything else (-o nice, ioprio): threads of low priority.
 *
 * Only the owner of more rights can raise a thread again, so it is done in threads that do nothing
 * but copy.  What others wait for - locks, an instance that is down, publication - stays out of
 * them.
 */
#ifndef EXPORT_LOWLY_H
#define EXPORT_LOWLY_H

#include "export/copy.h"

#include <stdbool.h>

struct lowly {
    int nice;     /* 1..19; 0: as the process */
    bool idle_io; /* I/O of the idle class (ionice -c 3) */
};

/* The calling thread from now on.  It never gets more than it had; what the system refuses stays as
 * it was.  NULL: nothing changes. */
void lowly_begin(const struct lowly *l);

/* Runs fn(arg) in such a thread, with signals blocked, and waits for its end.  Returns what fn
 * does.  If nothing is asked for, or there is no thread to be had, it runs in the caller's. */
int lowly_run(const struct lowly *l, int (*fn)(void *arg), void *arg);

/* copy_run() so. */
int lowly_copy(const struct lowly *l, const struct copy_job *job, XXH128_canonical_t *digest,
               struct err *err);

#endif

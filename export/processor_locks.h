/* processor_locks.h - gets an LU the locks that it declared, or gives up. */
#ifndef EXPORT_PROCESSOR_LOCKS_H
#define EXPORT_PROCESSOR_LOCKS_H

#include "export/lu.h"

/* Acquires the BGL and then level by level what the LU declares (spec §2.2, §2.7); lu->owner holds
 * it all on success and nothing on failure.  Blocks, at most env->lock_timeout_ms (negative:
 * without end).  -ETIMEDOUT (ERR_LOCK) names what was waited for; -ECANCELED; -ENOENT when a name
 * was deleted by its holder meanwhile. */
int processor_lock_all(struct lu *lu, struct err *err);

#endif

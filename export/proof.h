/* proof.h - is an instance the same as when it was exported?  Freshness (c), DESIGN §2. */
#ifndef EXPORT_PROOF_H
#define EXPORT_PROOF_H

#include "export/model.h"
#include "export/promise.h"

/* What identifies an instance at rest: its config.ini, and device, inode, size, mtime and ctime of
 * every disk.  False: nothing can be proved by it, for it is meant to run, has an error, or has a
 * disk that is no plain file or could not be looked at.  Whether it runs nevertheless is the
 * caller's to ask.  Pure. */
bool proof_of(const struct model_instance *inst, struct proof *ret);

/* Will every later change show?  A disk that changed at or after `since` (Unix seconds) less the
 * grain of file systems' times may change once more with its times staying as they are. */
bool proof_holds(const struct model_instance *inst, int64_t since);

static inline bool proof_same(const struct proof *a, const struct proof *b)
{
    return a->hi == b->hi && a->lo == b->lo;
}

#endif

/* recover.h - what an export of a dead process has left is put in order (journal.h). */
#ifndef EXPORT_RECOVER_H
#define EXPORT_RECOVER_H

#include "export/journal.h"
#include "export/lu.h"

struct recovery {
    const struct lu_env *env;
    const struct model *m; /* read under the locks */
    const char *name;      /* of the instance */
    struct journal *j;     /* what is done is taken out; why something is not stands in its error */
    struct cancel *cancel;
    void (*say)(void *arg, const char *message); /* may be NULL: one line for each thing done */
    void *arg;
};

/* Starts the instance if it was left stopped.  With its lock held exclusively. */
int recover_start(const struct recovery *rc, struct err *err);

/* That, and all else that can be done now but for hashing.  With the locks of an export: the
 * instance exclusively, all nodes shared, the export's name exclusively.  A failure does not keep
 * the rest from being done.  0, or the first -errno, with *err, of what is left.  Blocks on the
 * nodes; one that is known not to answer is not asked. */
int recover(const struct recovery *rc, struct err *err);

/* Adds the checksums that recover() found missing: is there something to hash, and hashing it.
 * With the same locks, but the instance's shared.  Reads whole dumps (-ECANCELED). */
bool recover_must_hash(const struct journal *j);
int recover_sums(const struct recovery *rc, struct err *err);

#endif

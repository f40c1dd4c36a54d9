/* written.h - an image that somebody has written, as the source of an export (DESIGN §2).
 *
 * Whoever has received and checked it, an archive or a directory, fills in the struct and hands it
 * to jobs_write().  The LU knows no more of it than this.  It lies on the node that it is to be
 * exported to, as a rule, so reading it may hang as that node does.
 */
#ifndef EXPORT_WRITTEN_H
#define EXPORT_WRITTEN_H

#include "export/cancel.h"
#include "export/err.h"
#include "export/lowly.h"
#include "export/model.h"

#include <xxhash.h>

struct written_dump {
    unsigned disk;
    char name[256]; /* as config.ini names it */
    uint64_t bytes; /* length */
};

/* Where fill() puts the dumps. */
struct written_to {
    /* A new empty file in the stage, readable and writable; the descriptor stays the stage's.  Once
     * for each dump, in the order of dumps[]. */
    int (*create)(void *arg, const char *name, int *fd, struct err *err);
    /* Bytes of all dumps that are there, counted over their lengths; as often as wanted. */
    void (*progress)(void *arg, uint64_t done);
    void *arg;
    struct cancel *cancel; /* to be looked at, and fed with signs of life */
    struct throttle *throttle;
    const struct lowly *lowly;
};

struct written;

struct written_ops {
    /* Writes all dumps, and says what their bytes hash to: as read back or as they passed, not as
     * they were when they were checked.  -EBADMSG: it is not what it was then; -ECANCELED; -ENOSPC
     * ...  What it has created is thrown away then.  Once at most.  Blocks. */
    int (*fill)(struct written *w, const struct written_to *to, XXH128_canonical_t *digests,
                struct err *err);
    /* It is not wanted any more, whatever became of it.  May block. */
    void (*drop)(struct written *w);
};

/* Does not change while jobs have it. */
struct written {
    const struct written_ops *ops;
    const char *instance; /* full name, as [instance] name says */
    const char *config; /* config.ini, published byte for byte; NULL: not known yet (checks only) */
    size_t config_len;
    unsigned ndumps;
    struct written_dump dumps[MODEL_MAX_DISKS]; /* all that config.ini names, by disk */
    uint64_t
        need; /* bytes that fill() takes on the target at most, besides what is there already */
    /* Where the file system can, it takes none of them: the dumps are cloned from files on this
     * st_dev.  False: always copied. */
    bool clones;
    uint64_t dev;
};

#endif

/* gfile_keeper.h - comes back for what files that nobody reads any more still hold. */
#ifndef EXPORT_GANETI_GFILE_KEEPER_H
#define EXPORT_GANETI_GFILE_KEEPER_H

#include <stdbool.h>

struct gfile_kept {
    struct gfile_kept *next;
    /* Gives back what can be; may block on the node. */
    void (*shrink)(struct gfile_kept *k);
    /* Is there nothing any more?  Under the keeper's lock; after true it knows nothing of k. */
    bool (*done)(struct gfile_kept *k);
    void (*release)(struct gfile_kept *k); /* then, without it */
};

/* From now on shrink() is called about once a second until done().  Never fails: what no thread
 * could be had for is kept until one can. */
void gfile_keeper_add(struct gfile_kept *k);
/* Do so soon. */
void gfile_keeper_hurry(void);

#endif

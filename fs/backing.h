/* backing.h - FUSE passthrough: the kernel reads the file behind an open file itself, where it can.
 *
 * Needs libfuse 3.17, Linux 6.9 with CONFIG_FUSE_PASSTHROUGH and CAP_SYS_ADMIN; without one of
 * them, or if the kernel does not take a file, all goes the ordinary way, and nobody is told but
 * who reads `status`.
 *
 * Thread safe: one mutex, a leaf.  Nothing here waits for a node.
 */
#ifndef FS_BACKING_H
#define FS_BACKING_H

#define FUSE_USE_VERSION 312

#include "export/jobs.h"
#include "fs/inode.h"

#include <fuse3/fuse_lowlevel.h>

struct backings;

int backings_new(bool wanted, struct backings **ret); /* 0, -ENOMEM */
/* Asks the kernel for it; with the first request of a mount. */
void backings_ask(struct backings *bs, struct fuse_conn_info *conn);
/* Its thread; after daemonising.  fuse_fd: the connection's.  Without it, it does without. */
void backings_start(struct backings *bs, int fuse_fd, struct jobs *jobs);
/* Before the connection goes, and with it what the kernel holds. */
void backings_stop(struct backings *bs);
void backings_free(struct backings *bs); /* NULL allowed; when nothing is open any more */

/* What an open file could be read from. */
struct backing_file {
    int fd;        /* a regular file of this machine, that holds all of the node; -1: nothing */
    uint64_t size; /* the node's */
    int64_t t;     /* reading it keeps version t of the node's instance fresh; 0: it does not */
};

/* An open file of a node is about to be told to the kernel, whose fi says how it is read the
 * ordinary way.  Each file of a class is to be entered if one is, and to leave when it is released.
 */
void backing_enter(struct backings *bs, struct inode *i, const struct backing_file *file,
                   struct fuse_file_info *fi);
void backing_leave(struct backings *bs, struct inode *i);

/* "yes" or "no (reason)", constant. */
const char *backings_state(struct backings *bs);

#endif

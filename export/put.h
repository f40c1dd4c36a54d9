/* put.h - where an image that is being written to a node is kept until it is whole (DESIGN §2).
 *
 *     EXPORT_DIR/.NAME.put-xxxxxx/      hidden from every list, counted in nothing
 *
 * Under no lock: any number may be begun for a name, each is its maker's own.
 */
#ifndef EXPORT_PUT_H
#define EXPORT_PUT_H

#include "export/err.h"
#include "export/model.h"

#include <limits.h>

struct put {
    int fd;                 /* the directory, flock-ed: proof that its maker lives */
    int exports_fd;         /* EXPORT_DIR */
    char *path;             /* of the directory, for messages */
    char dir[NAME_MAX + 1]; /* its name */
};

/* node_ops.put_begin: makes an empty one (0700), and EXPORT_DIR when only that is missing. -EINVAL:
 * no name for an export; -EHOSTUNREACH ... */
int put_begin(const struct model_node *node, const char *name, struct put **ret, struct err *err);

/* Opens a file in it; flags as open(2), with O_CREAT (0600).  -EINVAL: not a plain file name, or
 * something else than a regular file has it; -ELOOP: a symbolic link; -ENOENT, -EEXIST ...  Blocks
 * on the node. */
int put_open(const struct put *put, const char *file, int flags, int *ret_fd, struct err *err);

/* Removes it with all that is in it, and frees it; NULL allowed.  Blocks on the node. */
void put_abort(struct put *put);

/* node_ops.put_sweep: removes those of dead processes; where locks do not tell which are dead,
 * those in which nothing was written for an hour.  0 also without an EXPORT_DIR. */
int put_sweep(const struct model_node *node, struct err *err);

static inline void put_cleanup(struct put **put)
{
    put_abort(*put);
}
#define CLEANUP_PUT CLEANUP(put_cleanup)

#endif

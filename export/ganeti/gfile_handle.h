/* gfile_handle.h - a file of a node as it is open on one connection, counted; how it is opened. */
#ifndef EXPORT_GANETI_GFILE_HANDLE_H
#define EXPORT_GANETI_GFILE_HANDLE_H

#include "export/ganeti/sftp.h"
#include "lock/cleanup.h"

#include <stdatomic.h>

struct gfile_handle {
    atomic_int refs;
    struct sftp_file *file;
    struct sftp_attrs attrs; /* when it was opened */
};

/* A regular file, never through a symbolic link in its last part: -ELOOP; -EINVAL: another kind.
 * Blocks. */
int gfile_handle_open(struct sftp *s, const char *path, struct gfile_handle **ret, struct err *err);

static inline struct gfile_handle *gfile_handle_ref(struct gfile_handle *h)
{
    atomic_fetch_add_explicit(&h->refs, 1, memory_order_relaxed);
    return h;
}

void gfile_handle_unref(struct gfile_handle *h); /* NULL allowed; never blocks */

static inline void gfile_handle_cleanup(struct gfile_handle **h)
{
    gfile_handle_unref(*h);
}
#define CLEANUP_GFILE_HANDLE CLEANUP(gfile_handle_cleanup)

/* Is it the connection's failure, and not the file's? */
bool gfile_handle_lost(int r);

#endif

/* gfile.h - one file of a node over SFTP, as a struct node_file: read ahead, opened again, hashed.
 *
 * Whoever reads it from front to back finds what comes next fetched already, in requests enough to
 * keep the line and the ciphers busy.  When the connection is lost the file is opened again on the
 * next one, and read on if it still is the same (size and mtime); if it is not, what is left of it
 * is -EIO for ever: never a byte of another export.
 */
#ifndef EXPORT_GANETI_GFILE_H
#define EXPORT_GANETI_GFILE_H

#include "export/ganeti/sftp.h"
#include "export/node_file.h"

#include <xxhash.h>

/* Opens a regular file, never through a symbolic link in its last part (-ELOOP; -EINVAL for another
 * kind).  s must live as long as the file.  patience_s: how long a read goes on trying to reach the
 * node before it fails with -ETIMEDOUT or -EHOSTUNREACH, whichever was last.  What node_file's read
 * fetches beyond what is asked for takes up at most 8 MiB a file, and nothing for a file that
 * nobody has read for some seconds. */
int gfile_open(struct sftp *s, const char *path, unsigned patience_s, struct node_file **ret,
               struct err *err);

/* The same for one who counts his connections: let_go(arg), once nothing of the file needs s any
 * more, which may be a while after it was destroyed, in another thread.  Once *ended the file is
 * not read any more: -EIO.  On failure let_go() was not called. */
struct gfile_owner {
    void (*let_go)(void *arg);
    void *arg;
    const atomic_bool *ended;
};
int gfile_open_owned(struct sftp *s, const char *path, unsigned patience_s,
                     const struct gfile_owner *owner, struct node_file **ret, struct err *err);

/* XXH128 of the whole file: true, and *ret, once all its bytes have gone by in order.  *pos: up to
 * where they have; reading on from there in order goes on with it.  Costs readers one pass over
 * what they read anyway.  Of another kind of node_file: false, 0. */
bool gfile_hash(struct node_file *f, uint64_t *pos, XXH128_hash_t *ret);

/* What it holds of the file just now. */
size_t gfile_bytes(struct node_file *f);

#endif

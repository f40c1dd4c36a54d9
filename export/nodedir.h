/* nodedir.h - how a node's EXPORT_DIR and what lies in it are opened.
 *
 *     EXPORT_DIR/NAME/                 a published export
 *     EXPORT_DIR/.NAME.new-xxxxxx/     being staged; or the old export just exchanged
 *     EXPORT_DIR/.NAME.old-xxxxxx/     an old export set aside where there is no exchange
 *     EXPORT_DIR/.NAME.gone-xxxxxx/    being removed
 *     EXPORT_DIR/.NAME.put-xxxxxx/     being written by somebody (put.h)
 *
 * Names are checked and opened by one component at a time, never through a symbolic link.
 */
#ifndef EXPORT_NODEDIR_H
#define EXPORT_NODEDIR_H

#include "export/err.h"
#include "export/model.h"
#include "lock/strvec.h"

#include <limits.h>

#define NODEDIR_NEW  "new"
#define NODEDIR_OLD  "old"
#define NODEDIR_GONE "gone"
#define NODEDIR_PUT  "put"

/* A file system that is not there any more (a dead FUSE or NFS mount) answers with one of several
 * errnos: those become -EHOSTUNREACH, any other is returned as it is. */
int nodedir_errno(int neg_errno);

/* Opens EXPORT_DIR.  create: makes it (0700, durably) when only it is missing.  -ENOENT: "No
 * exports directory"; -EHOSTUNREACH: the node cannot be used or reached. */
int nodedir_open(const struct model_node *node, bool create, int *ret_fd, struct err *err);

/* Opens the directory of one export.  -EINVAL: a name that none can have; -ENOENT; -ENOTDIR:
 * something else of that name.  node: for messages. */
int nodedir_open_export(const struct model_node *node, int exports_fd, const char *name,
                        int *ret_fd, struct err *err);

/* Opens a regular file of a directory read-only.  -ELOOP for a symbolic link, -EINVAL for another
 * kind of file; never waits for the other end of a pipe. */
int nodedir_open_file(int dirfd, const char *file, int *ret_fd);

/* Makes ".NAME.KIND-xxxxxx" with fresh random characters.  buf: NAME_MAX + 1 bytes.
 * -ENAMETOOLONG. */
int nodedir_fresh_name(char *buf, const char *name, const char *kind);

/* Is `entry` such a name, of that NAME (NULL: of any valid one) and KIND? */
bool nodedir_is_fresh_name(const char *entry, const char *name, const char *kind);

/* Appends the names in a directory that are such, of that NAME (or NULL) and KIND.  0 or -errno. */
int nodedir_find_fresh(int dirfd, const char *name, const char *kind, struct strvec *ret);

/* fsync(2) that is not put off by a signal.  0 or -errno. */
int nodedir_sync(int fd);

/* Renames within a directory; never replaces anything.  0, -EEXIST, -ENOENT, -errno. */
int nodedir_rename_new(int dirfd, const char *from, const char *to);

#endif

/* untar.h - the archive of an export, written by whoever: checked whole, and split into dumps.
 *
 * Nothing of it is trusted.  Order of the members does not matter.  Memory does not grow with the
 * archive; time only with its bytes, decompressed, and with what holes it declares (max_bytes).
 */
#ifndef EXPORT_UNTAR_H
#define EXPORT_UNTAR_H

#include "export/manifest.h"

/* Reads all of job->fd, a regular file.  0 and the manifest, with digests; or
 *   -EBADMSG  damaged, or not complete (yet): what and where,
 *   -EINVAL   not an export's archive, or another's, or more than max_bytes,
 *   -ENOSPC   more than room,
 *   -ECANCELED, -EIO, -ENOMEM ...
 * Blocks on the disk. */
int untar_check(const struct manifest_job *job, struct manifest **ret, struct err *err);

/* Writes the dumps of an archive that was checked.  create: a new file for each, in their order;
 * its descriptor stays the caller's, who closes and syncs it.  By FICLONERANGE where the data lies
 * as it is in our own archives and the file system can; else copied in one pass, holes kept.  What
 * is written is hashed, however it came there: -EBADMSG when the archive is not what it was.  Else
 * as untar_check(). */
int untar_split(const struct manifest_job *job, const struct manifest *m,
                int (*create)(void *arg, const char *name, int *fd, struct err *err), void *arg,
                struct err *err);

#endif

/* upload.h - an image that is being written to a node, until it is an export or is thrown away.
 *
 *             upload_write()            upload_finish()          good: jobs_write()
 *   EMPTY ------------------> STAGED ------------------> CHECKED -----------------> RUNNING
 *                              ^  ^    not whole (yet)      |                          |
 *                              |  +-------------------------+                          |
 *                              +------------- the run failed --------------------------+
 *                                                                                      v
 *                                                       published: nothing staged     DONE
 *
 * An archive is one file, a directory is several; the file system names and writes them, in any
 * order.  They lie in a hidden directory of the node's EXPORT_DIR (put.h), under numbers: a rename
 * is a matter of memory.
 *
 * What may be asked at any moment says [memory]; the others block on the node.  All are safe from
 * any thread.
 */
#ifndef EXPORT_UPLOAD_H
#define EXPORT_UPLOAD_H

#include "export/jobs.h"

#include <sys/types.h>

struct upload;

enum upload_kind { UPLOAD_ARCHIVE, UPLOAD_DIRECTORY };

#define UPLOAD_FILES (MODEL_MAX_DISKS + 8) /* of a directory: an export's, and temporary names */

/* instance: whose image it is to be.  node NULL: the target is chosen when the first byte comes.
 * What cannot be written there now is refused here: errors as jobs_write_check().  [memory] */
int upload_new(struct jobs *j, enum upload_kind kind, const char *instance, const char *node,
               struct upload **ret, struct err *err);
struct upload *upload_ref(struct upload *u);
/* [memory] NULL allowed; after the last one what is staged is discarded, in the background. */
void upload_unref(struct upload *u);

enum upload_kind upload_kind(const struct upload *u); /* [memory] */
const char *upload_instance(const struct upload *u);  /* [memory] stays */

/* Where it is staged, chosen now if it was not yet.  Stays.  Errors as jobs_write_check(). [memory]
 */
int upload_target(struct upload *u, const char **ret, struct err *err);

/* --- files: numbers from upload_create(), below 2^24, an archive's only one is 0; that of a file
 * which has gone is not another's, so it is ESTALE --- */

/* [memory] A new file of a directory: its number; -EEXIST, -EINVAL (not a plain name), -EMFILE,
 * -EBUSY (it is being published, or is). */
int upload_create(struct upload *u, const char *name);
int upload_find(struct upload *u, const char *name); /* [memory] its number, -ENOENT */
/* [memory] Takes the place of what is called so; also of a directory's files only. */
int upload_rename(struct upload *u, const char *from, const char *to);
int upload_unlink(struct upload *u, const char *name); /* [memory] */
/* [memory] False: there is no such file (any more). */
bool upload_stat(struct upload *u, int file, uint64_t *size, int64_t *mtime);
void upload_list(struct upload *u, void (*row)(void *arg, const char *name), void *arg);

/* n, or -errno: -ENOSPC; -EBUSY: it is being checked or published, or was. */
ssize_t upload_write(struct upload *u, int file, const void *buf, size_t n, uint64_t off);
/* At the end of what was written; likewise. */
ssize_t upload_append(struct upload *u, int file, const void *buf, size_t n);
/* n, less at the end, or -errno: -ESTALE also of what was published. */
ssize_t upload_read(struct upload *u, int file, void *buf, size_t n, uint64_t off);
int upload_truncate(struct upload *u, int file, uint64_t size); /* [memory] */

/* --- the end --- */

/* [memory] Nothing was ever written, or could not be. */
bool upload_is_empty(struct upload *u);
/* Has anything been written since it was checked last?  [memory] */
bool upload_is_dirty(struct upload *u);
/* [memory] Checks all of it, and if that is a whole image runs the LU, in threads of their own.
 * -EAGAIN: that is under way, also for somebody else; *wait, referenced, is failed when it is over,
 * then ask again.  0: published, or nothing was ever written; -EBADMSG, not whole: what is staged
 * stays, for more to come; else -errno of the check or the run, whose story is in status.  -ENOMEM.
 */
int upload_finish(struct upload *u, struct image **wait);
/* [memory] It is not being exported, and the last check found it incomplete. */
bool upload_is_incomplete(struct upload *u);
/* [memory] A directory: all is there and good since quiet_s seconds, but for checksums, which may
 * come or not.  Once they do it is exported. */
bool upload_is_whole(struct upload *u, int64_t quiet_s);
/* [memory] They will not come: it is exported as it is, by upload_finish(). */
void upload_no_more(struct upload *u);
bool upload_is_finishing(struct upload *u); /* [memory] a check or its run is under way */
/* [memory] A check is under way, and has not handed it to the jobs yet. */
bool upload_is_checked(struct upload *u);
/* [memory] It is published, and nothing is staged any more. */
bool upload_is_done(struct upload *u);
/* [memory] More may come of it: what is staged may only be incomplete, or is under way to be
 * published.  Not if nothing was written, or what was can never be an export. */
bool upload_may_go_on(struct upload *u);
/* One line for status: "incomplete: ...", "checking", ...  The caller's buffer. */
void upload_text(struct upload *u, char *buf, size_t size);
/* [memory] Changes as long as it is worth waiting for upload_finish(): a check that hangs in the
 * node gives no sign of life; a run has limits of its own, and errors that say more. */
uint64_t upload_life(struct upload *u);
/* Stops a check; its run is the jobs' business. */
void upload_cancel(struct upload *u);

#endif

/* uploads.h - the names of what is being written (export/upload.h): where it is to be published,
 * but nobody who does not write sees it there yet.
 *
 * A directory is named by its kind and node ("": images/, whose target is chosen by rule), an
 * upload in it by its name, and its node in the tree by a number that is never used twice.  What
 * nobody has open any more goes at once when it can never be an export; an hour later when more may
 * come, or its times are yet to be set.
 *
 * Thread safe: one mutex, before that of an upload.
 */
#ifndef FS_UPLOADS_H
#define FS_UPLOADS_H

#include "export/upload.h"
#include "fs/inode.h"

#include <sys/types.h>

struct uploads;

int uploads_new(struct uploads **ret); /* 0, -ENOMEM */
int uploads_start(struct uploads *us); /* its thread; after daemonising.  0, -EAGAIN */
/* Cancels what is being checked, once there are no more requests.  False: a check hangs in a node;
 * it was left behind, with all that it may use. */
bool uploads_stop(struct uploads *us);
void uploads_free(struct uploads *us); /* NULL allowed */

struct uploads_dir {
    enum inode_kind kind;
    const char *node;
};

/* Enters an upload (takes the reference), in place of one with the same name, which whoever has it
 * open may go on with.  *number: of its node.  0, -ENOMEM, -EMFILE (there are too many). */
int uploads_add(struct uploads *us, const struct uploads_dir *dir, const char *name,
                struct upload *u, uint64_t *number);
/* The same in place of that one, wherever it is.  0, -ENOMEM, -EMFILE, -ESTALE (*u stays the
 * caller's). */
int uploads_again(struct uploads *us, uint64_t old, struct upload *u, uint64_t *number);
/* Its number, 0: there is none. */
uint64_t uploads_find(struct uploads *us, const struct uploads_dir *dir, const char *name);
/* What is published there was written under this name, not long ago. */
bool uploads_was(struct uploads *us, const struct uploads_dir *dir, const char *name);
/* Referenced; NULL: it is gone. */
struct upload *uploads_get(struct uploads *us, uint64_t number);

/* Opened, closed. */
void uploads_opened(struct uploads *us, uint64_t number);
void uploads_closed(struct uploads *us, uint64_t number);

/* Before each write of a handle that has made it, or found it empty and cut it: the first of them
 * has it.  0, -EBUSY. */
int uploads_claim(struct uploads *us, uint64_t number, const void *writer);

/* 0, -ENOENT. */
int uploads_rename(struct uploads *us, const struct uploads_dir *dir, const char *from,
                   const char *to);
int uploads_remove(struct uploads *us, const struct uploads_dir *dir, const char *name);

/* Whoever opens a published image to write it anew is sent back by ESTALE, to find the upload in
 * its place: the thread `tid` is shown what is being written by that name, for its next few
 * lookups. */
void uploads_show(struct uploads *us, pid_t tid, uint64_t number);
/* 0: nothing else than everybody sees. */
uint64_t uploads_shown(struct uploads *us, pid_t tid, const struct uploads_dir *dir,
                       const char *name);

/* One row each: what is written to a node ("": target by rule). */
void uploads_list(struct uploads *us,
                  void (*row)(void *arg, const char *node, const char *name, const char *text),
                  void *arg);

#endif

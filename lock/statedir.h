/* statedir.h - the directory over which several processes share their locks.
 *
 *     mutex           flock()ed for every look at or change of the others
 *     process.PID.K   what one manager holds and waits for (state.h); flock()ed by it for
 *                     as long as it lives, so a file whose lock is free is a dead one's
 *     deleted         the deletion marks that are still awaited (marks.h), or missing
 *
 * Everything else in it is left alone.  Every function but open and close wants
 * statedir_lock() held; one thread at a time.
 */
#ifndef LOCK_STATEDIR_H
#define LOCK_STATEDIR_H

#include "table.h"

#define STATEDIR_NAME_MAX 48

struct statedir {
    int dir;
    int mutex;
    int own;
    char own_name[STATEDIR_NAME_MAX];
};

/* Opens the directory, making it (0700) when missing, and puts an empty file of this
 * process there.  Returns 0 or the errno of the file system. */
int statedir_open(const char *path, struct statedir *ret);

/* Takes the file of this process away and closes everything. */
void statedir_close(struct statedir *sd);

/* The lock between processes.  Blocks while another process has it, which is for no longer
 * than reading and writing a few small files takes.  Returns 0 or a negative errno. */
int statedir_lock(struct statedir *sd);
void statedir_unlock(struct statedir *sd);

/* Replaces the contents of this process's file.  On failure the file keeps the old or has
 * a part of the new contents; call again.  A shorter text than before needs no space.
 * Returns 0 or a negative errno. */
int statedir_publish(struct statedir *sd, const char *text, size_t len);

/* Puts the holders of all other living processes in front of t and removes the files of
 * dead ones.  Returns 0 or a negative errno (t unchanged): never a partial view. */
int statedir_scan(struct statedir *sd, struct table *t);

/* A whole file of the directory, NUL-terminated, which the caller frees; missing: an empty
 * one.  Returns 0 or a negative errno (-EFBIG beyond 16 MiB). */
int statedir_read(struct statedir *sd, const char *name, char **text, size_t *len);

/* Replaces a file of the directory atomically; without any text it is removed.  Returns 0
 * or a negative errno (nothing changed). */
int statedir_replace(struct statedir *sd, const char *name, const char *text, size_t len);

#endif

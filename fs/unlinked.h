/* unlinked.h - the files of exports that somebody has unlinked, for as long as their directory is
 * there.
 *
 * An export is removed as a whole or not at all, but rm -r unlinks file by file before it removes
 * the directory.  So to unlink a file is noted, and nothing else; once that is so of all files of
 * the export the directory may go.  Who stops halfway has changed nothing.
 *
 * Thread safe: one mutex, a leaf.
 */
#ifndef FS_UNLINKED_H
#define FS_UNLINKED_H

#include "export/catalog.h"

struct unlinked;

int unlinked_new(struct unlinked **ret); /* 0, -ENOMEM */
void unlinked_free(struct unlinked *u);  /* NULL allowed */

/* File of this export on node was unlinked at `now` (seconds of any clock that does not jump).  0,
 * -ENOMEM. */
int unlinked_note(struct unlinked *u, const char *node, const struct catalog_export *exp,
                  const char *file, int64_t now);
/* Were all files that this very export has, the last of them not long ago?  Also if it has none. */
bool unlinked_all(struct unlinked *u, const char *node, const struct catalog_export *exp,
                  int64_t now);

#endif

/* versions.h - when did a thing last change, for things that only know what they are now.
 *
 * A text or a listing has no mtime of its own.  For each (named by its st_ino) the hash of its
 * content and the time at which this content was first seen are remembered, so that the time stands
 * still while the content does.  32 bytes for each thing ever asked for.  Thread safe, a leaf.
 */
#ifndef FS_VERSIONS_H
#define FS_VERSIONS_H

#include <stdint.h>

struct versions;

int versions_new(struct versions **ret); /* 0 or -ENOMEM */
void versions_free(struct versions *v);  /* NULL allowed */

/* The mtime (Unix seconds) of `number` with this content.  The first time it is `first`; when the
 * content has changed since it is `now`, but at least one second later than before; and never less
 * than `least`.  Without memory: max(first, least). */
int64_t versions_stamp(struct versions *v, uint64_t number, uint64_t content, int64_t first,
                       int64_t now, int64_t least);

#endif

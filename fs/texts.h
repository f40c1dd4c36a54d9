/* texts.h - the texts that were looked up lately.
 *
 * The kernel holds the node of a text for as long as it likes, of ten thousand at a time; the text
 * itself is wanted when it is opened, which mostly follows its lookup.  So the last ones are kept,
 * a few hundred at most.  Thread safe, a leaf.
 */
#ifndef FS_TEXTS_H
#define FS_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#define TEXTS_MOST       256 /* that are kept */
#define TEXTS_FEWEST     16  /* whatever they need */
#define TEXTS_MOST_BYTES (512 * 1024)

struct texts;

int texts_new(struct texts **ret); /* 0 or -ENOMEM */
void texts_free(struct texts *t);  /* NULL allowed */

/* Keeps the text of this version of a thing, which is named by its st_ino.  Takes it. */
void texts_keep(struct texts *t, uint64_t number, uint64_t version, char *text_owned, size_t len);
/* A copy of it, for the caller to free.  -ENOENT: it is not kept any more; -ENOMEM. */
int texts_get(struct texts *t, uint64_t number, uint64_t version, char **ret);

#endif

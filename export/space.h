/* space.h - bytes on the nodes' EXPORT_DIRs that running and queued exports have reserved.
 *
 * A reservation belongs to a run (any pointer) and a node; it keeps two exports that start together
 * from both counting on the same free space.  Thread safe, never blocks.
 */
#ifndef EXPORT_SPACE_H
#define EXPORT_SPACE_H

#include <stdint.h>

struct space;

int space_new(struct space **ret); /* 0, -ENOMEM */
void space_free(struct space *s);  /* NULL allowed */

/* Sets the reservation of owner to bytes on node, in place of what it had.  0, -ENOMEM. */
int space_reserve(struct space *s, const void *owner, const char *node, uint64_t bytes);
void space_release(struct space *s, const void *owner); /* none is fine */

/* What all others than owner have reserved on node, bytes (saturating). */
uint64_t space_reserved(struct space *s, const char *node, const void *owner);

#endif

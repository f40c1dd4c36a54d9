/* gfile_chunk.h - the chunks of gfile_ahead.h: found, begun, waited for; the tap that hashes them.
 *
 * All with a->m held; those that say so release it in between.
 */
#ifndef EXPORT_GANETI_GFILE_CHUNK_H
#define EXPORT_GANETI_GFILE_CHUNK_H

#include "export/ganeti/gfile_ahead.h"

#define GFILE_CHUNK_BACK   (2u * 1024 * 1024) /* so far behind the head a chunk is still wanted */
#define GFILE_CHUNK_WINDOW (5u * 1024 * 1024 + GFILE_CHUNK) /* so far ahead of it */

/* By its number (offset / GFILE_CHUNK), in whichever state but EMPTY; or NULL. */
struct gfile_chunk *gfile_chunk_find(struct gfile_ahead *a, uint64_t number);
/* The end of what lies from off on in none of the chunks, at most end; as a length. */
size_t gfile_chunk_until(struct gfile_ahead *a, uint64_t off, uint64_t end);
/* Begins to fetch it: 0; -EBUSY: no chunk is free, -ENOMEM, -errno.  Releases m meanwhile. */
int gfile_chunk_start(struct gfile_ahead *a, struct gfile_handle *h, uint64_t number,
                      struct err *err);
/* Waits for one that is FETCHING: READY then, or EMPTY and -errno.  Releases m meanwhile. */
int gfile_chunk_collect(struct gfile_ahead *a, struct gfile_chunk *c, struct err *err);
/* Gives its buffer back; nobody uses it. */
void gfile_chunk_free(struct gfile_chunk *c);
/* Bytes of the file are passing by. */
void gfile_chunk_tap(struct gfile_ahead *a, const unsigned char *p, size_t len, uint64_t off);

#endif

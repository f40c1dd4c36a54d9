/* sink.h - where the bytes of a dump go, in order: hashed, counted, and written with holes.
 *
 * Blocks of zeros are not written, the file has its full length from the start.  The page cache is
 * not flooded.  A sink belongs to one thread.
 */
#ifndef EXPORT_SINK_H
#define EXPORT_SINK_H

#include "export/cancel.h"
#include "export/err.h"
#include "lock/cleanup.h"

#include <stdint.h>
#include <xxhash.h>

#define SINK_BLOCK 4096

struct sink {
    int dst;       /* the caller's; -1: only hash and count */
    uint64_t at;   /* bytes that went in */
    uint64_t data; /* of those, in blocks that are not all zeros: what the file takes on a disk */
    uint64_t counted; /* blocks before are in `data` or are zeros */
    uint64_t dropped; /* everything before is out of the page cache */
    uint64_t begun;   /* everything before is being written back, at least; `data` then */
    uint64_t begun_data;
    XXH3_state_t *hash;
};

/* Empties dst and sets its length.  -errno, then there is nothing to clear. */
int sink_begin(struct sink *s, int dst, uint64_t bytes, struct err *err);

/* The next len bytes; zeros up to an offset (nothing if that is behind), a second for some
 * 80 GiB.  -errno of writing, or of writing back, which is awaited some way behind (a
 * later fsync would not hear of it again); -ECANCELED (cancel may be NULL). */
int sink_put(struct sink *s, const void *bytes, size_t len, struct err *err);
int sink_zeros(struct sink *s, uint64_t to, struct cancel *cancel, struct err *err);

/* Of all that went in. */
void sink_digest(const struct sink *s, XXH128_canonical_t *ret);

/* Frees what a sink owns; also one that is zero. */
void sink_clear(struct sink *s);
#define CLEANUP_SINK CLEANUP(sink_clear)

#endif

/* copy.h - copies a disk into a dump: hole-aware, hashed in the same pass, interruptible.
 *
 * The result is bit-identical to the source; blocks of zeros become holes.  XXH128 is over the
 * whole logical content.  Memory is constant.  The page cache is not flooded.
 */
#ifndef EXPORT_COPY_H
#define EXPORT_COPY_H

#include "export/cancel.h"
#include "export/err.h"
#include "export/throttle.h"

#include <stdint.h>
#include <xxhash.h>

struct copy_job {
    /* dst: regular file, emptied and set to length `bytes` first; -1: only hash */
    int src, dst;
    uint64_t bytes; /* exactly so much must come from src: less is an error, more is not read */
    struct cancel *cancel;     /* may be NULL */
    struct throttle *throttle; /* the data's share of it is waited for; may be NULL */
    /* after every chunk: everything below `watermark` is in dst (bytes); may be NULL */
    void (*progress)(void *arg, uint64_t watermark);
    void *arg;
};

/* Copies and hashes.  0; -ECANCELED; -EIO "shorter than" when the source shrank; -ENOSPC ...  with
 * *err naming neither file (the caller prefixes).  Does not fsync, but fails if writing back does
 * behind it (which a later fsync would not hear of again).  Blocks. */
int copy_run(const struct copy_job *job, XXH128_canonical_t *digest, struct err *err);

/* FICLONE of the whole of src into dst, then cut to `bytes`.  0, or -EOPNOTSUPP when the file
 * systems cannot (dst is empty again), -EIO when src is shorter than bytes. */
int copy_reflink(int src, int dst, uint64_t bytes);

/* FICLONERANGE of that part of src, which becomes all of dst; a tail of less than SINK_BLOCK is
 * copied.  0; -EOPNOTSUPP when that cannot be (offset no multiple of SINK_BLOCK, less than one, src
 * too short, the file systems): dst is empty then; -errno.  Who must know that src did not change
 * meanwhile hashes dst. */
int copy_reflink_range(int src, uint64_t offset, int dst, uint64_t bytes);

#endif

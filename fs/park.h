/* park.h - reads and seeks that wait for what a running export has yet to write (P5).
 *
 * A request is tried at once in the caller's thread; when its bytes are not there yet it is parked
 * and the FUSE thread is free.  It is answered exactly once, by what it asked for, by the image's
 * error, by EINTR (interrupted, its handle was flushed, or a page was wanted by a thread that is
 * gone), or by ETIMEDOUT after `stall` seconds without a sign of life from what it waits for.
 */
#ifndef FS_PARK_H
#define FS_PARK_H

#include "fs/fs.h"

struct park;

struct park_read {
    struct fs *fs;
    struct handle *handle; /* stays open until the read is answered: the kernel sees to that */
    uint64_t lock_owner;   /* whose read: matched by park_flush(); 0: for the page cache */
    int file;
    uint64_t off;
    size_t len; /* of the buffer that the attempt is given */
    /* Tries to read into buf (len bytes): bytes read, or -errno; -EAGAIN sets *ret to the image to
     * wait for, until file, off and len can be read of it; referenced.  last: it is not tried
     * again, -EAGAIN is no answer.  Any thread; blocks on the disk at most. */
    ssize_t (*attempt)(const struct park_read *r, void *buf, bool last, struct image **ret);
    /* Answers with what attempt returned (>= 0); NULL: that many bytes of buf. */
    void (*reply)(fuse_req_t req, ssize_t n);
    int whence;        /* of a seek; the attempt's alone */
    uint64_t at;       /* where it seeks from; likewise */
    unsigned limit_ms; /* the last attempt is made after so long; 0: when it comes to that */
    /* A value that changes as long as it is worth waiting. */
    uint64_t (*progress)(const struct park_read *r);
};

/* Starts the threads.  0 or -errno. */
int park_new(unsigned stall_s, struct park **ret);
/* Answers all that is parked by EINTR and ends the threads.  No more park_read() then. */
void park_free(struct park *p);

/* Takes over the request; *r is copied. */
void park_read(struct park *p, fuse_req_t req, const struct park_read *r);

/* A descriptor of this handle was closed: its owner's parked reads are answered by EINTR. */
void park_flush(struct park *p, const struct handle *h, uint64_t lock_owner);

#endif

/* park.h - requests that wait: for what a running export has yet to write, for a node (P5).
 *
 * A request is tried at once in the caller's thread; when its bytes are not there yet, or when that
 * may hang, it is parked and the FUSE thread is free.  It is answered exactly once, by what it
 * asked for, by the image's error, by EINTR (interrupted, its handle was flushed, or a page was
 * wanted by a thread that is gone), or by ETIMEDOUT after `stall` seconds without a sign of life
 * from what it waits for.
 */
#ifndef FS_PARK_H
#define FS_PARK_H

#include "fs/fs.h"
#include "fs/lane.h"

struct park;

/* The kernel holds the file's lock while a seek waits: then it is answered without a map (DESIGN
 * §3). */
#define PARK_SEEK_MS 2000

/* One attempt to answer a request. */
struct park_try {
    void *buf; /* room for the bytes that are asked for */
    bool last; /* it is not tried again: -EAGAIN is no answer */
    /* In a thread that may hang, of the lane asked for.  Else nothing is done that may. */
    bool may_hang;
    /* With -EAGAIN one of them: the image to wait for, referenced, until the request's file, off
     * and len can be read of it; or where to try again. */
    struct image *image;
    struct lane *lane;
};

struct park_read {
    struct fs *fs;
    struct handle *handle; /* NULL: none; the kernel keeps it open until the answer */
    void *arg;             /* attempt's and reply's */
    struct lane *lane;     /* where it is tried first; NULL: in the caller's thread */
    uint64_t lock_owner;   /* whose read: matched by park_flush(); 0: for the page cache */
    int file;
    uint64_t off;
    size_t len; /* of the buffer that the attempt is given */
    /* Bytes read, or -errno.  Any thread, one at a time; blocks on the local disk at most, unless
     * it may hang. */
    ssize_t (*attempt)(const struct park_read *r, struct park_try *t);
    /* Answers with what attempt returned (>= 0); NULL: that many bytes of buf. */
    void (*reply)(const struct park_read *r, fuse_req_t req, ssize_t n);
    /* Gives arg back, after the answer and the last attempt; may be NULL. */
    void (*drop)(const struct park_read *r);
    int whence;        /* of a seek; the attempt's alone */
    uint64_t at;       /* where it seeks from; likewise */
    unsigned limit_ms; /* the last attempt is made after so long; 0: when it comes to that */
    /* A value that changes as long as it is worth waiting; NULL: a constant. */
    uint64_t (*progress)(const struct park_read *r);
};

/* Starts the threads.  0 or -errno. */
int park_new(unsigned stall_s, struct park **ret);
/* Answers all that is parked by EINTR and ends the threads.  No more park_read() then.  NULL
 * allowed. */
void park_stop(struct park *p);
void park_free(struct park *p); /* once the lanes have ended, too; NULL allowed */

/* Takes over the request; *r is copied. */
void park_read(struct park *p, fuse_req_t req, const struct park_read *r);

/* A descriptor of this handle was closed: its owner's parked reads are answered by EINTR. */
void park_flush(struct park *p, const struct handle *h, uint64_t lock_owner);

#endif

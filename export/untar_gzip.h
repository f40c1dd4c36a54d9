/* untar_gzip.h - decompresses gzip, with its checksums, which libarchive does not look at.
 *
 * Members may follow one another, and zeros the last one.  Belongs to one thread.
 */
#ifndef EXPORT_UNTAR_GZIP_H
#define EXPORT_UNTAR_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <zlib.h>

struct untar_gzip {
    z_stream z;
    unsigned char *out;
    bool inside;     /* a member */
    bool any;        /* there was a member */
    bool padding;    /* zeros came behind it */
    bool full;       /* there may be more without more input */
    const char *why; /* of -EBADMSG */
};

int untar_gzip_begin(struct untar_gzip *g); /* 0 or -ENOMEM */

/* More of the file; the bytes stay until untar_gzip_next() asks for more. */
void untar_gzip_feed(struct untar_gzip *g, const void *bytes, size_t len);

/* What comes out, which stays until the next call: its length, 0 when more must come in, -EBADMSG
 * with g->why, -ENOMEM. */
ssize_t untar_gzip_next(struct untar_gzip *g, const void **bytes);

/* Nothing more comes in: is that the end of a member? */
bool untar_gzip_is_whole(const struct untar_gzip *g);

void untar_gzip_end(struct untar_gzip *g); /* also of one that is zero */

#endif

/* untar_stream.h - the bytes of a file, decompressed if they are compressed.
 *
 * Filters: gzip, zstd, xz, and only one of them.  Belongs to one thread.
 */
#ifndef EXPORT_UNTAR_STREAM_H
#define EXPORT_UNTAR_STREAM_H

#include "export/untar.h"
#include "export/untar_gzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct archive; /* libarchive's */

struct untar_stream {
    const struct manifest_job *job; /* whose file it is, and who is told */
    off_t at;                       /* read so far */
    off_t hole_end;                 /* what is before, from `at` on, is known as a hole */
    off_t data_end;                 /* likewise, as data */
    off_t dropped;                  /* everything before is out of the page cache */
    unsigned char *buf;
    bool is_gzip;
    struct untar_gzip gzip;
    struct archive *filters; /* libarchive's "raw" reader */
    bool compressed;         /* by gzip, or a filter of libarchive's */
    uint64_t total;          /* bytes given out */
    uint64_t used;           /* end of the last one that is not zero */
    uint64_t budget;         /* how many more may be given out */
    struct err *err;         /* the story of `failed` */
    int failed;              /* 0 or -errno */
};

/* -EBADMSG (empty, damaged), -EINVAL (compressed twice), -errno.  Clear it also after an error. */
int untar_stream_open(struct untar_stream *s, const struct manifest_job *job, struct err *err);

/* The next bytes, which stay until the next call: their number, 0 at the end, -errno (again and
 * again): of reading; -EBADMSG: damaged, incomplete; -ECANCELED; -EINVAL: over the budget. */
ssize_t untar_stream_read(struct untar_stream *s, const void **bytes);

/* After the end: is there anything but zeros in the file behind what was decompressed?  -EBADMSG.
 */
int untar_stream_check_rest(struct untar_stream *s);

void untar_stream_clear(struct untar_stream *s);

#endif

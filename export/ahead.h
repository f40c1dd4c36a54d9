/* ahead.h - asks for the data of a file before it is read, so that the disk works meanwhile.
 *
 * The kernel's own reading ahead is small, and ends at a hole.  One reader, front to back.
 */
#ifndef EXPORT_AHEAD_H
#define EXPORT_AHEAD_H

#include <stdint.h>

struct ahead {
    int fd;                 /* the caller's */
    uint64_t bytes;         /* of it, from 0 */
    uint64_t next, seg_end; /* to be asked for; the end of the data that it is in */
    uint64_t asked;         /* bytes of data in all, which are read later */
    uint64_t used;          /* of them, read */
};

/* The next len bytes of data are about to be read; may block on the file system's map, not on its
 * data.  Never fails: what cannot be asked for is read all the same. */
void ahead_of(struct ahead *a, uint64_t len);

#endif

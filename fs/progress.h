/* progress.h - does an image that somebody waits for still grow? */
#ifndef FS_PROGRESS_H
#define FS_PROGRESS_H

#include "export/image.h"

struct progress {
    const struct image *image; /* compared only */
    enum image_state state;
    uint64_t frontier; /* bytes of the tar that are there */
};

/* Has the image changed since the last call with this *p (all zero at first)?  Updates *p.  Reads a
 * few single bytes: blocks on the disk at most. */
bool progress_made(struct progress *p, struct image *img);

#endif

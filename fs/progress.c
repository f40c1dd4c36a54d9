/* progress.c - the tar form covers config.ini and the dumps in the order in which they are
 * written, so how far it can be read, found by bisection, says how far the copy has come. */
#include "fs/progress.h"

static uint64_t frontier_of(struct image *img)
{
    uint64_t there = 0, end = image_size(img, IMAGE_TAR);
    while (there < end) {
        char byte;
        uint64_t middle = there + (end - there) / 2;
        if (image_read(img, IMAGE_TAR, middle, &byte, 1) == 1)
            there = middle + 1;
        else
            end = middle;
    }
    return there;
}

bool progress_made(struct progress *p, struct image *img)
{
    struct progress now = {img, image_state(img), 0};
    if (now.state == IMAGE_BUILDING)
        now.frontier = frontier_of(img);
    bool made = now.image != p->image || now.state != p->state || now.frontier != p->frontier;
    *p = now;
    return made;
}

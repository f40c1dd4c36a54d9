/* ahead.c - see ahead.h.  DEPTH bytes of data are kept asked for, beyond holes: enough to keep a
 * disk busy, few enough not to press on anybody's memory.  What a file system does not tell of
 * holes is data. */
#include "export/ahead.h"

#include <fcntl.h>
#include <unistd.h>

#define DEPTH (16ULL * 1024 * 1024)
#define STEP  (1024 * 1024ULL)

static void next_segment(struct ahead *a)
{
    off_t found = lseek(a->fd, (off_t)a->next, SEEK_DATA);

    if (found > (off_t)a->next)
        a->next = (uint64_t)found;
    found = lseek(a->fd, (off_t)a->next, SEEK_HOLE);
    a->seg_end = found > (off_t)a->next && (uint64_t)found < a->bytes ? (uint64_t)found : a->bytes;
}

void ahead_of(struct ahead *a, uint64_t len)
{
    while (a->next < a->bytes && a->asked - a->used < DEPTH) {
        uint64_t n = STEP - a->next % STEP;

        if (a->next >= a->seg_end)
            next_segment(a);
        if (a->next >= a->seg_end)
            break;
        if (n > a->seg_end - a->next)
            n = a->seg_end - a->next;
        readahead(a->fd, (off_t)a->next, (size_t)n);
        a->next += n;
        a->asked += n;
    }
    a->used = a->used + len < a->asked ? a->used + len : a->asked;
}

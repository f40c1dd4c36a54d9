/* teller.c - what was told of a run stands for a moment after its publication.
 *
 * A T of which somebody has bytes is used up for all mounts once the descriptor of promise_tell()
 * is closed, unless they find the export under it.  Another mount sees that a moment later than it
 * is there; if its T was used up by then, it would promise the next one, and the next reader would
 * make another export.  So the descriptor is kept for KEEP_S seconds.
 */
#include "export/jobs_internal.h"

#include "lock/clock.h"

#define KEEP_S 5

struct teller {
    struct teller *next;
    int fd;
    int64_t until; /* monotonic seconds */
};

void teller_keep(struct jobs *j, int fd)
{
    struct teller *t = malloc(sizeof *t);

    if (!t) {
        close(fd);
        return;
    }
    *t = (struct teller){.next = j->tellers, .fd = fd, .until = clock_s() + KEEP_S};
    j->tellers = t;
}

void teller_expire(struct jobs *j, bool all)
{
    struct teller **p = &j->tellers;
    int64_t now = clock_s();

    while (*p) {
        struct teller *t = *p;

        if (!all && now < t->until) {
            p = &t->next;
            continue;
        }
        *p = t->next;
        close(t->fd);
        free(t);
    }
}

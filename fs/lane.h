/* lane.h - threads for what may hang: a few for each node.
 *
 * What asks a node behind a network or another program may stay in the kernel for as long as that
 * likes.  Such jobs are done in their node's lane, a queue with a few threads of its own: one that
 * hangs costs those who need that node, and nobody else.
 */
#ifndef FS_LANE_H
#define FS_LANE_H

#include <stdbool.h>

struct lanes;
struct lane;

struct lane_job {
    void (*run)(struct lane_job *job); /* frees it, if that is to be done */
    struct lane_job *next;             /* the lane's */
};

int lanes_new(struct lanes **ret); /* 0, -ENOMEM */
/* Ends all threads, after what they have queued.  False: one hangs; it was left behind, and what
 * its job uses must not be freed.  NULL allowed. */
bool lanes_free(struct lanes *ls);

/* The lane of a node, to the end; NULL: ENOMEM. */
struct lane *lanes_get(struct lanes *ls, const char *node);

/* Queues a job.  0; -EAGAIN: there is no thread for it and none can be started. */
int lane_add(struct lane *l, struct lane_job *job);
/* Has it been busy for as long as a seek may wait, with nothing done?  Then there is no point in
 * waiting, with others behind (they come one after the other, and nobody can interrupt them). */
bool lane_is_slow(struct lane *l);
/* Takes it back; false: it was begun. */
bool lane_take_back(struct lane *l, struct lane_job *job);

#endif

/* park_internal.h - what the files behind park.h share: parked reads, and their errands. */
#ifndef FS_PARK_INTERNAL_H
#define FS_PARK_INTERNAL_H

#include "fs/park.h"

#define REPLIERS 4

enum state { BUSY, WAITING, OUT, READY };

struct errand {
    struct lane_job job; /* first */
    struct park *park;
    struct parked *of;     /* NULL: left behind */
    struct park_read read; /* of->read; handle referenced */
    struct park_try try;
    void *kept; /* try.buf, once it is not its thread's any more */
    struct lane *lane;
    ssize_t result;
    bool done;
};

struct parked {
    struct image_waiter waiter; /* first */
    struct park *park;
    struct parked *next, **pprev; /* all */
    struct parked *next_ready;
    struct park_read read;
    fuse_req_t req;
    pid_t tid;
    enum state state;
    int verdict;      /* note: 0, or the -errno to answer with */
    bool interrupted; /* note: look at the thread's signals */
    struct image *image;
    struct errand *errand;        /* out, or done and not looked at yet */
    uint64_t progress;            /* as the read's source said last */
    int64_t progress_at, look_at; /* monotonic seconds */
    int64_t last_at;              /* monotonic milliseconds: the last attempt; INT64_MAX: none */
};

struct park {
    pthread_mutex_t lock;
    pthread_cond_t work, clock;
    struct parked *all, *queue, **queue_tail;
    bool stopping;
    bool asleep;       /* the clock, without a limit */
    int64_t next_look; /* else: monotonic milliseconds */
    unsigned settling; /* lanes' threads that have a read */
    pthread_cond_t settled;
    int64_t stall_s;
    unsigned nthreads;
    pthread_t threads[REPLIERS + 1];
};

/* BUSY -> READY or WAITING -> READY.  Called with p->lock. */
void park_enqueue(struct park *p, struct parked *w);

/* Brings a BUSY read one step further: answers it or lets it wait again. */
void park_settle(struct park *p, struct parked *w);

/* --- errand.c; the read is BUSY, and the caller's --- */

/* BUSY -> OUT.  0, or -errno: it is still BUSY. */
int errand_send(struct park *p, struct parked *w, struct lane *lane);
bool errand_is_out(struct park *p, struct parked *w);
/* Has it ended?  Then it is the caller's, for errand_free(). */
struct errand *errand_take_done(struct park *p, struct parked *w);
void errand_free(struct errand *e);
/* BUSY -> OUT again; false: the errand has ended meanwhile. */
bool errand_stay_out(struct park *p, struct parked *w);
/* It goes on without the read, or not at all.  False: it has ended meanwhile. */
bool errand_leave(struct park *p, struct parked *w);

#endif

/* manager.h - inside of the lock manager: what the files that implement lock.h share.
 *
 * Not for other directories.  See manager.c for the thread model.
 */
#ifndef LOCK_MANAGER_H
#define LOCK_MANAGER_H

#include "marks.h"

struct lock_manager {
    pthread_mutex_t mutex;
    struct statedir dir;
    struct table table; /* this process's owners, and the others as last seen */
    bool shared;        /* a session is open and has the lock between processes */
    bool dirty;         /* what is published is not what the owners have */
    int64_t next_look;  /* monotonic ms: when waiters look at the other processes again */
    uint64_t last_serial;
};

/* A place in the queue of a level, kept over timed-out attempts. */
struct place {
    uint64_t ticket; /* 0: none */
    int64_t since;   /* Unix seconds */
};

struct lock_owner {
    struct holder h; /* in the manager's table */
    struct lock_manager *m;
    pthread_cond_t wake;
    atomic_bool cancelled;
    int result;   /* why the wait ended, when it was not granted */
    bool granted; /* in this session; nobody was told yet */
    struct place place[LOCK_LEVELS];
};

static inline struct lock_owner *manager_owner(struct holder *h)
{
    return (struct lock_owner *)((char *)h - offsetof(struct lock_owner, h));
}

/* A session is a look at, or a change of, what all processes have: begin, scan, decide,
 * commit, end.  All want m->mutex.  A session whose lock between processes could not be
 * had is still one, in which scan and commit fail; so that giving something back always
 * works. */
void manager_begin(struct lock_manager *m);
void manager_end(struct lock_manager *m);

/* Reads what the others have and fails waiters of deleted names.  Returns 0, -ENOMEM or
 * -EIO, after which nothing may be granted. */
int manager_scan(struct lock_manager *m);

/* Grants every waiter of this process that nothing is in the way of.  Wants a scan that
 * succeeded in the same session. */
void manager_grant(struct lock_manager *m);

/* Publishes what has changed, and only then wakes who was granted something.  When that
 * fails, these grants are taken back.  Returns 0, -ENOMEM or -EIO. */
int manager_commit(struct lock_manager *m);

/* Scan, grant and commit.  Returns 0, -ENOMEM or -EIO; what could be published was. */
int manager_serve(struct lock_manager *m);

/* The same as a whole session. */
int manager_look(struct lock_manager *m);

/* The owners have given something back: publishes that and serves the waiters of this
 * process.  A whole session.  Publishing is tried again by the next session if it fails;
 * until then the others believe the locks held. */
void manager_changed(struct lock_manager *m);

/* Lets the next scan of every process fail the requests made so far that named one of
 * these.  Returns 0, -ENOMEM or -EIO (nothing changed). */
int manager_mark_deleted(struct lock_manager *m, enum lock_level level, const char *const *names,
                         size_t n);

/* A number above all that were drawn before, by any process.  Wants a session. */
uint64_t manager_serial(struct lock_manager *m);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t manager_now(void);

#define MANAGER_LOOK_MS 50

#endif

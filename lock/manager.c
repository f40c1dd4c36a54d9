/* manager.c - the lock manager's heart: one process's view of all, and its grants.
 *
 * Idea.  There is no server and no shared memory.  Every manager has a file in the state
 * directory with what its owners hold and wait for, which it keeps flock()ed as proof of
 * life; the state of the world is the union of the files of the living.  Under a short
 * lock between processes, each manager reads that union, decides the grants of its own
 * waiters and publishes.  A dead process needs no repair: its file does not count any more.
 *
 *        own owners ──┐                      ┌── manager_commit() ── process.PID.K
 *                     ├─ table ─ grant ──────┤
 *     other files ────┘   (union)            └── wake the granted
 *     manager_scan()
 *
 * An owner's request (H holds, W waits; table.h decides what is in the way):
 *
 *     idle ──lock_acquire()──> W ──manager_grant(), published──> H ──lock_release()──> idle
 *                              │ ^                                │
 *                              │ └──manager_commit() failed───────┘ (before it was told)
 *                              ├──timeout──> idle, the place is kept
 *                              └──lock_cancel(), deleted name, error──> idle
 *
 * Invariants.
 *  - Nothing counts as granted before it is published: manager_commit() takes grants back
 *    when the file cannot be written, and wakes nobody before it is.
 *  - Nothing is granted on a view that could not be read completely.
 *  - What is published may be more than what is held (a release that could not be written),
 *    never less.
 *
 * Serial numbers are CLOCK_MONOTONIC nanoseconds, not a counter in a file: all processes
 * share that clock, it goes on when a process dies, it cannot be corrupted and it costs no
 * write; drawn under the lock between processes the numbers are in order.  Two equal ones
 * (they would need two processes to pass the lock within a nanosecond) would only leave
 * undecided who is first; holds alone decide about exclusion.
 *
 * Threads.  There are none of our own.  Waiters sleep on their owner's condition variable
 * and look at the other processes every 50 ms, one of them for all (next_look).  So nothing
 * polls while nobody waits.
 *
 * Lock order: m->mutex, then the flock of the state directory.  m->mutex is let go while a
 * waiter sleeps, the flock is never kept outside a session.
 */
#include "manager.h"

#include "state.h"

#include <time.h>

int64_t manager_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t manager_serial(struct lock_manager *m)
{
    struct timespec ts;
    uint64_t now;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    now = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
    m->last_serial = now > m->last_serial ? now : m->last_serial + 1;
    return m->last_serial;
}

int lock_manager_open(const char *dir, struct lock_manager **ret)
{
    CLEANUP_FREE struct lock_manager *m = calloc(1, sizeof *m);
    int r;

    if (!m)
        return -ENOMEM;
    r = statedir_open(dir, &m->dir);
    if (r < 0)
        return r;
    pthread_mutex_init(&m->mutex, NULL);
    LIST_INIT(&m->table);
    *ret = STEAL(m);
    return 0;
}

void lock_manager_close(struct lock_manager *m)
{
    table_free(&m->table); /* the others; no owner of ours is left */
    statedir_close(&m->dir);
    pthread_mutex_destroy(&m->mutex);
    free(m);
}

void manager_begin(struct lock_manager *m)
{
    m->shared = statedir_lock(&m->dir) == 0;
}

void manager_end(struct lock_manager *m)
{
    if (m->shared)
        statedir_unlock(&m->dir);
    m->shared = false;
}

static int memory_or_io(int r)
{
    return r == 0 || r == -ENOMEM ? r : -EIO;
}

static void replace_others(struct lock_manager *m, struct table *fresh)
{
    struct holder *h, *next;

    for (h = LIST_FIRST(&m->table); h; h = next) {
        next = LIST_NEXT(h, link);
        if (h->foreign) {
            LIST_REMOVE(h, link);
            holder_clear(h);
            free(h);
        }
    }
    while ((h = LIST_FIRST(fresh))) {
        LIST_REMOVE(h, link);
        LIST_INSERT_HEAD(&m->table, h, link);
    }
}

/* Fails those who wait for deleted names, and forgets the marks that all have seen. */
static void settle_marks(struct lock_manager *m, struct marks *ms)
{
    struct holder *h;

    LIST_FOREACH(h, &m->table, link)
    if (!h->foreign && marks_hit(ms, h)) {
        h->waiting = false;
        manager_owner(h)->result = -EIDRM;
        pthread_cond_signal(&manager_owner(h)->wake);
        m->dirty = true;
    }
    if (marks_prune(ms, &m->table))
        marks_save(&m->dir, ms); /* if that fails, the next scan prunes them */
    LIST_FOREACH(h, &m->table, link)
    if (h->foreign && marks_hit(ms, h))
        h->waiting = false; /* its own manager will see to it: nobody waits for it */
}

int manager_scan(struct lock_manager *m)
{
    CLEANUP_TABLE struct table fresh = LIST_HEAD_INITIALIZER(fresh);
    CLEANUP_MARKS struct marks ms = {0};
    int r;

    m->next_look = manager_now() + MANAGER_LOOK_MS;
    if (!m->shared)
        return -EIO;
    r = statedir_scan(&m->dir, &fresh);
    if (r == 0)
        r = marks_load(&m->dir, &ms);
    if (r < 0)
        return memory_or_io(r);
    replace_others(m, &fresh);
    settle_marks(m, &ms);
    return 0;
}

void manager_grant(struct lock_manager *m)
{
    struct holder *h;

    LIST_FOREACH(h, &m->table, link)
    {
        if (h->foreign || !h->waiting || table_blocker(&m->table, h))
            continue;
        holder_grant(h, (int64_t)time(NULL));
        manager_owner(h)->granted = true;
        m->dirty = true;
    }
}

static int publish(struct lock_manager *m)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r;

    if (!m->shared)
        return -EIO;
    r = state_format(&m->table, (int)getpid(), &text, &len);
    return r < 0 ? r : memory_or_io(statedir_publish(&m->dir, text, len));
}

int manager_commit(struct lock_manager *m)
{
    int r = m->dirty ? publish(m) : 0;
    struct holder *h;

    if (r == 0)
        m->dirty = false;
    LIST_FOREACH(h, &m->table, link)
    {
        if (h->foreign || !manager_owner(h)->granted)
            continue;
        manager_owner(h)->granted = false;
        if (r < 0)
            holder_ungrant(h, h->want.level, h->want.mode);
        else
            pthread_cond_signal(&manager_owner(h)->wake);
    }
    return r;
}

int manager_mark_deleted(struct lock_manager *m, enum lock_level level, const char *const *names,
                         size_t n)
{
    CLEANUP_MARKS struct marks ms = {0};
    uint64_t before = manager_serial(m);
    int r;

    if (!m->shared)
        return -EIO;
    r = marks_load(&m->dir, &ms);
    for (size_t i = 0; i < n && r == 0; i++)
        r = marks_add(&ms, level, before, names[i]);
    return memory_or_io(r < 0 ? r : marks_save(&m->dir, &ms));
}

int manager_serve(struct lock_manager *m)
{
    int r = manager_scan(m), err;

    if (r == 0)
        manager_grant(m);
    err = manager_commit(m);
    return r < 0 ? r : err;
}

int manager_look(struct lock_manager *m)
{
    int r;

    manager_begin(m);
    r = manager_serve(m);
    manager_end(m);
    return r;
}

void manager_changed(struct lock_manager *m)
{
    bool waiters = false;
    struct holder *h;

    m->dirty = true;
    LIST_FOREACH(h, &m->table, link)
    waiters |= !h->foreign && h->waiting;
    manager_begin(m);
    if (waiters)
        manager_serve(m);
    else
        manager_commit(m);
    manager_end(m);
}

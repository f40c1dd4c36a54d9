/* lock.h - the lock manager: who may work on which part of a cluster, over several
 * processes.
 *
 * Locks live in levels, taken in increasing order (spec §2.1):
 *     cluster (one lock, "BGL") < instance < node < export.
 * A level is a set of named locks; any name may be locked, known or not (spec §2.6).  A
 * request names one level and either some names or the whole set (LOCK_ALL_SET); it is
 * granted as a whole or not at all.  Holding the set implies its members: an exclusive
 * set excludes any member held by somebody else and the other way round; shared and
 * shared coexist.
 *
 * Waiting requests are ordered by priority (lower number first), then by age.  A request
 * never overtakes an older or more important one that it conflicts with, so nobody
 * starves; requests that do not conflict pass each other.  An owner's place in the queue
 * outlives a timed-out attempt: retrying the same level resumes it.
 *
 * Owners of all processes that opened the same directory exclude each other.  Locks of a
 * process that died are free at once (waiters notice within 50 ms).  A forked child must
 * not use its parent's manager, and keeps the parent's locks alive until it execs or exits.
 *
 * Thread safety: all functions may be called from any thread; one owner is used by one
 * thread at a time, except lock_cancel() and lock_owner_set_priority(), which any thread
 * may call.
 */
#ifndef LOCK_LOCK_H
#define LOCK_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lock_level { LOCK_CLUSTER, LOCK_INSTANCE, LOCK_NODE, LOCK_EXPORT, LOCK_LEVELS };
enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE };

#define LOCK_BGL          "BGL" /* the one name of LOCK_CLUSTER */
#define LOCK_PRIO_LOWEST  19
#define LOCK_PRIO_NORMAL  0
#define LOCK_PRIO_HIGHEST (-20)
#define LOCK_FOREVER      (-1)

struct lock_manager;
struct lock_owner;

/* What to lock: level, mode and either all (the set) or n names.  Names need not be
 * sorted; equal names count once. */
struct lock_request {
    enum lock_level level;
    enum lock_mode mode;
    bool all;
    const char *const *names;
    size_t n;
};

/* Opens the manager kept in directory dir (made 0700 when missing, its parent must
 * exist). Returns 0, -ENOMEM or the errno of the file system.  Never waits for a lock. */
int lock_manager_open(const char *dir, struct lock_manager **ret);

/* Closes it; all owners must have been freed. */
void lock_manager_close(struct lock_manager *m);

/* A new owner, that is one job.  The description (one line, e.g. "job 3
 * BACKUP_EXPORT(web1)") is what lock_report() shows.  Returns 0, -EINVAL (priority,
 * control characters) or -ENOMEM. */
int lock_owner_new(struct lock_manager *m, const char *description, int priority,
                   struct lock_owner **ret);

/* Releases everything in reverse order and frees the owner; NULL is allowed. */
void lock_owner_free(struct lock_owner *o);

/* Changes the priority of this owner's pending and later requests (spec §2.7). */
int lock_owner_set_priority(struct lock_owner *o, int priority);
int lock_owner_priority(const struct lock_owner *o);

/* Acquires the request, waiting at most timeout_ms (LOCK_FOREVER: without end; 0: not at
 * all).  Returns 0 with everything held, else nothing of it is held:
 *
 * -ETIMEDOUT: not free in time.  The owner keeps its place in the queue.
 * -ECANCELED: lock_cancel() was called.
 * -EIDRM: one of the names was deleted while this request waited for it (spec §2.4).
 * -EDEADLK: order violation: something at this or a higher level is held already, or the
 *   BGL is not (spec §2.1).
 * -EINVAL: bad level or mode, no such name (cluster level), a name that is empty or not
 *   printable ASCII.
 * -ENOMEM, -EIO: the state directory cannot be read or written.
 *
 * No names at all are granted at once and own nothing (spec §2.5). */
int lock_acquire(struct lock_owner *o, const struct lock_request *rq, int64_t timeout_ms);

/* Turns what the owner holds exclusively at a level (n 0: all of it; else the n names) into
 * shared without letting go.  What is shared already stays so.  A member that is held only
 * by the set cannot be downgraded by itself.  Returns 0, or with nothing changed -ENOENT
 * (one of them, or anything at all, is not held) or -ENOMEM. */
int lock_downgrade(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n);

/* Releases all that is held at a level, or only the n names (a member that is held only by
 * the set cannot be released by itself).  Returns 0, or with nothing changed -ENOENT (not
 * held) or -EBUSY (the BGL, while anything higher is held). */
int lock_release(struct lock_owner *o, enum lock_level level);
int lock_release_names(struct lock_owner *o, enum lock_level level, const char *const *names,
                       size_t n);
void lock_release_all(struct lock_owner *o);

/* Adds names to a level and holds them exclusively at once.  Needs no waiter's consent
 * but conflicts with whoever holds the set (waits for it like lock_acquire).  The owner may
 * hold the set exclusively itself.  Returns as lock_acquire() does, but never -EIDRM; and
 * -EEXIST for a name that somebody holds or waits for, -EINVAL for the cluster level. */
int lock_add(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n,
             int64_t timeout_ms);

/* Deletes names that the owner holds exclusively (by name or by the set): they are released
 * and everybody, in any process, who waits for one of them by name gets -EIDRM.  A later
 * request for such a name is for a new lock.  Returns 0, or with nothing changed -ENOENT
 * (not held), -EPERM (held shared), -EINVAL (cluster level), -ENOMEM or -EIO. */
int lock_delete(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n);

/* Makes this owner's pending and later lock_acquire() return -ECANCELED.  Never blocks.
 */
void lock_cancel(struct lock_owner *o);

/* Does the owner hold this name (directly or by the set) at least in this mode? */
bool lock_owns(const struct lock_owner *o, enum lock_level level, const char *name,
               enum lock_mode mode);

/* One line of the report: an owner's hold or wait at one level.  Strings are valid during
 * the call only; names is NULL for the whole set. */
struct lock_row {
    const char *owner; /* description */
    int pid;
    bool waiting; /* false: holds */
    enum lock_level level;
    enum lock_mode mode;
    const char *const *names;
    size_t n;
    int priority;
    int64_t since;       /* Unix seconds */
    const char *blocker; /* while waiting: description of one owner in the way, else NULL */
};

/* Calls row for every hold and wait of every living process: level by level, in each the
 * holds by age and then the waits in queue order.  Blocks only for the manager's short
 * internal lock, which is not held while row runs.  Returns 0 or a negative errno. */
int lock_report(struct lock_manager *m, void (*row)(const struct lock_row *r, void *arg),
                void *arg);

/* "cluster", "instance", "node", "export". */
const char *lock_level_name(enum lock_level level);

#endif

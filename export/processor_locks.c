/* processor_locks.c - see processor_locks.h.
 *
 *            +----------------------- attempt() -----------------------+
 *   start -> | BGL -> instance -> node -> export, one running budget   | -> all held
 *            +---------------------------------------------------------+
 *                 | budget used up: all released, BGL included
 *                 v
 *            next_round(): next budget of the list; list used up: priority - 1, new list;
 *                          at LOCK_PRIO_HIGHEST: no budget, block for good
 *
 * The whole is bounded by the environment's lock timeout.  Each wait is bracketed by
 * run->lock_owner(): whoever cancels sets the run's flag first and calls lock_cancel() second; the
 * flag is looked at after the owner was made known, so no request to stop can fall in between
 * (spec §2.8; unlike the reference's, a blocking wait can be interrupted, §12 L20).
 */
#include "export/processor_locks.h"

#include "lock/attempts.h"
#include "lock/clock.h"

#include <inttypes.h>
#include <string.h>

struct waiting {
    struct lu *lu;
    struct lock_attempts list;
    int64_t deadline; /* of all attempts, ms of the monotonic clock; LOCK_FOREVER: none */
    int64_t until;    /* of this attempt */
    char what[128];   /* the last thing waited for */
};

static int64_t earlier(int64_t a, int64_t b)
{
    if (a == LOCK_FOREVER || b == LOCK_FOREVER)
        return a == LOCK_FOREVER ? b : a;
    return a < b ? a : b;
}

static int64_t after(int64_t start, int64_t ms)
{
    int64_t t;

    if (ms < 0 || __builtin_add_overflow(start, ms, &t))
        return LOCK_FOREVER;
    return t;
}

static int64_t remaining(int64_t until)
{
    int64_t left;

    if (until == LOCK_FOREVER)
        return LOCK_FOREVER;
    left = until - clock_ms();
    return left > 0 ? left : 0;
}

static void describe(struct waiting *w, const struct lock_request *rq)
{
    snprintf(w->what, sizeof w->what, "%s/%s%s (%s)", lock_level_name(rq->level),
             rq->all ? "all" : rq->names[0], !rq->all && rq->n > 1 ? " and others" : "",
             rq->mode == LOCK_SHARED ? "shared" : "exclusive");
}

static int explain(struct waiting *w, int r, struct err *err)
{
    if (r == -ETIMEDOUT)
        return r; /* the attempt's; told when all time is used up */
    if (r == -ECANCELED)
        return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled while waiting for %s",
                       w->what);
    if (r == -EIDRM)
        return err_prereq(err, ECODE_NOENT, "%s was removed while waiting for its lock", w->what);
    if (r == -EDEADLK || r == -EINVAL)
        return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "bad lock request %s: %s", w->what,
                       strerrordesc_np(-r));
    return err_sys(err, r, "lock %s", w->what);
}

static int acquire(struct waiting *w, const struct lock_request *rq, struct err *err)
{
    struct lu *lu = w->lu;
    int r;

    describe(w, rq);
    if (lu->run->lock_owner)
        lu->run->lock_owner(lu->run->arg, lu->owner);
    r = cancel_requested(lu->run->cancel) ? -ECANCELED
                                          : lock_acquire(lu->owner, rq, remaining(w->until));
    if (lu->run->lock_owner)
        lu->run->lock_owner(lu->run->arg, NULL);
    return r < 0 ? explain(w, r, err) : 0;
}

static int acquire_bgl(struct waiting *w, struct err *err)
{
    const char *const name = LOCK_BGL;
    const struct lock_request rq = {
        .level = LOCK_CLUSTER,
        .mode = w->lu->class->req_bgl ? LOCK_EXCLUSIVE : LOCK_SHARED,
        .names = &name,
        .n = 1,
    };

    return acquire(w, &rq, err);
}

static int acquire_level(struct waiting *w, enum lock_level level, struct err *err)
{
    struct lu *lu = w->lu;
    const struct lu_locks *need = &lu->locks[level];
    int r;

    if (!need->declared)
        return 0;
    if (lu->class->declare_locks) {
        r = lu->class->declare_locks(lu, level, err);
        if (r < 0)
            return r;
    }
    if (!need->all && need->names.n == 0)
        return 0;

    const struct lock_request rq = {
        .level = level,
        .mode = need->shared ? LOCK_SHARED : LOCK_EXCLUSIVE,
        .all = need->all,
        .names = (const char *const *)need->names.v,
        .n = need->names.n,
    };

    return acquire(w, &rq, err);
}

/* Everything once, within this attempt's budget; nothing is held after a failure. */
static int attempt(struct waiting *w, struct err *err)
{
    int r = acquire_bgl(w, err);

    for (int level = LOCK_INSTANCE; r == 0 && level < LOCK_LEVELS; level++)
        r = acquire_level(w, (enum lock_level)level, err);
    if (r < 0)
        lock_release_all(w->lu->owner);
    return r;
}

static uint64_t seed(const struct waiting *w)
{
    uint64_t s = (uint64_t)clock_ms() ^ (uint64_t)(uintptr_t)w->lu;

    return s ? s : 1;
}

/* The end of the next attempt, and the priority that it waits with. */
static void next_round(struct waiting *w)
{
    int prio = lock_owner_priority(w->lu->owner);

    if (lock_attempts_exhausted(&w->list) && prio > LOCK_PRIO_HIGHEST) {
        lock_owner_set_priority(w->lu->owner, prio - 1);
        lock_attempts_init(&w->list, seed(w));
    }
    w->until = earlier(after(clock_ms(), lock_attempts_next(&w->list)), w->deadline);
}

int processor_lock_all(struct lu *lu, struct err *err)
{
    struct waiting w = {.lu = lu, .deadline = after(clock_ms(), lu->env->lock_timeout_ms)};
    int r;

    lu_phase(lu, "waiting for locks");
    lock_attempts_init(&w.list, seed(&w));
    do {
        next_round(&w);
        r = attempt(&w, err);
    } while (r == -ETIMEDOUT && remaining(w.deadline) != 0);
    if (r == -ETIMEDOUT)
        return err_set(err, ERR_LOCK, ECODE_NONE, ETIMEDOUT, "%s was not free within %" PRId64 " s",
                       w.what, lu->env->lock_timeout_ms / 1000);
    return r;
}

/* lu_world_locks.h - lock.h's functions, linked in place of the lock manager: every request is
 * logged and answered as the test wants.  Include after lu_world.h. */
#ifndef TESTS_LU_WORLD_LOCKS_H
#define TESTS_LU_WORLD_LOCKS_H

struct lock_owner {
    int priority;
    bool held[LOCK_LEVELS];
};

static struct {
    unsigned timeouts;    /* so many requests end with -ETIMEDOUT, then all are granted */
    int answer;           /* what the request for `answer_level` gets instead */
    int answer_level;     /* -1: none */
    int64_t last_timeout; /* of the last request, ms */
    unsigned requests;
    bool quiet; /* log nothing */
} world_locks = {.answer_level = -1};

const char *lock_level_name(enum lock_level level)
{
    static const char *const names[] = {"cluster", "instance", "node", "export"};

    return names[level];
}

int lock_owner_new(struct lock_manager *m, const char *description, int priority,
                   struct lock_owner **ret)
{
    (void)m;
    world_logf("owner %s priority=%d", description, priority);
    *ret = calloc(1, sizeof **ret);
    (*ret)->priority = priority;
    return 0;
}

int lock_owner_set_priority(struct lock_owner *o, int priority)
{
    o->priority = priority;
    if (!world_locks.quiet)
        world_logf("priority=%d", priority);
    return 0;
}

int lock_owner_priority(const struct lock_owner *o)
{
    return o->priority;
}

int lock_acquire(struct lock_owner *o, const struct lock_request *rq, int64_t timeout_ms)
{
    if (!world_locks.quiet) {
        world_logf("lock %s %s %s", lock_level_name(rq->level), rq->all ? "ALL" : rq->names[0],
                   rq->mode == LOCK_SHARED ? "shared" : "exclusive");
    }
    world_locks.requests++;
    world_locks.last_timeout = timeout_ms;
    if ((int)rq->level == world_locks.answer_level)
        return world_locks.answer;
    if (world_locks.timeouts > 0) {
        world_locks.timeouts--;
        return -ETIMEDOUT;
    }
    assert_false(o->held[rq->level]);
    o->held[rq->level] = true;
    w.locks++;
    return 0;
}

int lock_downgrade(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n)
{
    assert_true(o->held[level] && n == 1);
    world_logf("downgrade %s %s", lock_level_name(level), names[0]);
    return 0;
}

int lock_delete(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n)
{
    assert_true(o->held[level] && n == 1);
    world_logf("delete-lock %s %s", lock_level_name(level), names[0]);
    o->held[level] = false;
    w.locks--;
    return 0;
}

void lock_release_all(struct lock_owner *o)
{
    for (int i = LOCK_LEVELS - 1; i >= 0; i--) {
        if (!o->held[i])
            continue;
        world_logf("unlock %s", lock_level_name((enum lock_level)i));
        o->held[i] = false;
        w.locks--;
    }
}

void lock_owner_free(struct lock_owner *o)
{
    if (!o)
        return;
    lock_release_all(o);
    free(o);
}

#endif

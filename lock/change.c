/* change.c - how holds shrink: lock_release(), lock_downgrade() and lock_delete() of lock.h.
 *
 * Everything is checked before anything changes.  Giving back never fails for want of
 * memory or of the state directory: it happens in this process at once, and what could not
 * be published is published by the next session (manager.h).
 *
 * One publication shows all that a call gives back, so the order within it is not
 * observable: "in reverse" (spec §2.5) holds by itself.
 */
#include "manager.h"

static bool held_by_name(const struct holder *h, enum lock_level level, const char *name)
{
    return claim_has(&h->held[level][LOCK_SHARED], name) ||
           claim_has(&h->held[level][LOCK_EXCLUSIVE], name);
}

static void drop_names(struct holder *h, enum lock_level level, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        claim_remove(&h->held[level][LOCK_SHARED], names[i]);
        claim_remove(&h->held[level][LOCK_EXCLUSIVE], names[i]);
    }
}

static void drop_level(struct holder *h, enum lock_level level)
{
    claim_clear(&h->held[level][LOCK_SHARED]);
    claim_clear(&h->held[level][LOCK_EXCLUSIVE]);
}

int lock_release(struct lock_owner *o, enum lock_level level)
{
    if ((unsigned)level >= LOCK_LEVELS || holder_idle_at(&o->h, level))
        return -ENOENT;
    if (level == LOCK_CLUSTER && !holder_idle_above(&o->h, level))
        return -EBUSY;

    LOCK_SCOPE(&o->m->mutex);
    drop_level(&o->h, level);
    manager_changed(o->m);
    return 0;
}

int lock_release_names(struct lock_owner *o, enum lock_level level, const char *const *names,
                       size_t n)
{
    if ((unsigned)level >= LOCK_LEVELS)
        return -ENOENT;
    for (size_t i = 0; i < n; i++)
        if (!held_by_name(&o->h, level, names[i]))
            return -ENOENT;
    if (n == 0)
        return 0;
    if (level == LOCK_CLUSTER && !holder_idle_above(&o->h, level))
        return -EBUSY;

    LOCK_SCOPE(&o->m->mutex);
    drop_names(&o->h, level, names, n);
    manager_changed(o->m);
    return 0;
}

void lock_release_all(struct lock_owner *o)
{
    if (holder_idle_at(&o->h, LOCK_CLUSTER)) /* then nothing else is held either */
        return;

    LOCK_SCOPE(&o->m->mutex);
    for (int level = LOCK_LEVELS - 1; level >= 0; level--)
        drop_level(&o->h, (enum lock_level)level);
    manager_changed(o->m);
}

/* All that is held exclusively at the level becomes shared. */
static int downgrade_all(struct holder *h, enum lock_level level)
{
    struct claim *from = &h->held[level][LOCK_EXCLUSIVE], *to = &h->held[level][LOCK_SHARED];
    int r = claim_add(to, (const char *const *)from->names.v, from->names.n);

    if (r < 0)
        return r;
    to->all |= from->all;
    claim_clear(from);
    return 0;
}

static int downgrade_names(struct holder *h, enum lock_level level, const char *const *names,
                           size_t n)
{
    int r = claim_add(&h->held[level][LOCK_SHARED], names, n);

    for (size_t i = 0; r == 0 && i < n; i++)
        claim_remove(&h->held[level][LOCK_EXCLUSIVE], names[i]);
    return r;
}

int lock_downgrade(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n)
{
    int r;

    if ((unsigned)level >= LOCK_LEVELS || holder_idle_at(&o->h, level))
        return -ENOENT;
    for (size_t i = 0; i < n; i++)
        if (!held_by_name(&o->h, level, names[i]))
            return -ENOENT;

    LOCK_SCOPE(&o->m->mutex);
    r = n == 0 ? downgrade_all(&o->h, level) : downgrade_names(&o->h, level, names, n);
    if (r == 0)
        manager_changed(o->m);
    return r;
}

int lock_delete(struct lock_owner *o, enum lock_level level, const char *const *names, size_t n)
{
    struct lock_manager *m = o->m;
    int r = level == LOCK_CLUSTER ? -EINVAL : claim_check(level, names, n);

    if (r < 0 || n == 0)
        return r;
    for (size_t i = 0; i < n; i++)
        if (!holder_owns(&o->h, level, names[i], LOCK_SHARED))
            return -ENOENT;
    for (size_t i = 0; i < n; i++)
        if (!holder_owns(&o->h, level, names[i], LOCK_EXCLUSIVE))
            return -EPERM;

    LOCK_SCOPE(&m->mutex);
    manager_begin(m);
    r = manager_mark_deleted(m, level, names, n);
    if (r == 0) {
        drop_names(&o->h, level, names, n);
        m->dirty = true;
        manager_serve(m);
    }
    manager_end(m);
    return r;
}

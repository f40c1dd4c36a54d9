/* owner.c - the owners of lock.h: their life, priority, cancellation and what they own.
 *
 * An owner's holds change in its own thread, or in a thread that grants its request while
 * its own thread waits for just that; so its own thread may look at them without m->mutex.
 */
#include "manager.h"

#include <string.h>

const char *lock_level_name(enum lock_level level)
{
    static const char *const names[] = {"cluster", "instance", "node", "export"};

    return (unsigned)level < LOCK_LEVELS ? names[level] : "unknown";
}

static bool priority_valid(int priority)
{
    return priority >= LOCK_PRIO_HIGHEST && priority <= LOCK_PRIO_LOWEST;
}

int lock_owner_new(struct lock_manager *m, const char *description, int priority,
                   struct lock_owner **ret)
{
    CLEANUP_FREE struct lock_owner *o = NULL;
    pthread_condattr_t attr;

    if (!priority_valid(priority) || !description || !holder_description_valid(description))
        return -EINVAL;
    o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    holder_init(&o->h);
    o->h.description = strdup(description);
    if (!o->h.description)
        return -ENOMEM;
    o->h.priority = priority;
    o->m = m;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&o->wake, &attr);
    pthread_condattr_destroy(&attr);

    LOCK_SCOPE(&m->mutex);
    LIST_INSERT_HEAD(&m->table, &o->h, link);
    *ret = STEAL(o);
    return 0;
}

void lock_owner_free(struct lock_owner *o)
{
    if (!o)
        return;
    lock_release_all(o);
    {
        LOCK_SCOPE(&o->m->mutex);
        LIST_REMOVE(&o->h, link);
    }
    holder_clear(&o->h);
    pthread_cond_destroy(&o->wake);
    free(o);
}

int lock_owner_set_priority(struct lock_owner *o, int priority)
{
    if (!priority_valid(priority))
        return -EINVAL;

    LOCK_SCOPE(&o->m->mutex);
    if (o->h.priority == priority)
        return 0;
    o->h.priority = priority;
    if (o->h.waiting)
        manager_changed(o->m);
    return 0;
}

int lock_owner_priority(const struct lock_owner *o)
{
    return o->h.priority;
}

/* No m->mutex, which may be taken by somebody who waits for another process.  A signal
 * that falls between the waiter's check and its sleep costs one look interval. */
void lock_cancel(struct lock_owner *o)
{
    atomic_store(&o->cancelled, true);
    pthread_cond_signal(&o->wake);
}

bool lock_owns(const struct lock_owner *o, enum lock_level level, const char *name,
               enum lock_mode mode)
{
    return (unsigned)level < LOCK_LEVELS && name && holder_owns(&o->h, level, name, mode);
}

/* table.c - see table.h.
 *
 * Why one pass over the waiters in any order decides all grants: a grant turns a waiter
 * into a holder of the same claim, so it frees nobody; and it cannot get in the way of a
 * waiter ahead of it, for it conflicts with none of those (else it would not have been
 * granted).
 *
 * Why nobody starves: a request is only ever passed by requests that it does not conflict
 * with or that are more important, so the set of those that can still delay it shrinks.
 * Why nobody deadlocks: requests wait only for claims of their own level, whose holders
 * wait, if at all, at higher levels.
 */
#include "table.h"

void holder_init(struct holder *h)
{
    *h = (struct holder){0};
    for (int level = 0; level < LOCK_LEVELS; level++)
        for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE; mode++) {
            h->held[level][mode].level = (enum lock_level)level;
            h->held[level][mode].mode = (enum lock_mode)mode;
        }
}

bool holder_description_valid(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return false;
    return true;
}

void holder_clear(struct holder *h)
{
    for (int level = 0; level < LOCK_LEVELS; level++)
        for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE; mode++)
            claim_clear(&h->held[level][mode]);
    claim_clear(&h->want);
    h->waiting = false;
    free(STEAL(h->description));
}

void table_free(struct table *t)
{
    struct holder *h;

    while ((h = LIST_FIRST(t))) {
        LIST_REMOVE(h, link);
        holder_clear(h);
        free(h);
    }
}

bool holder_idle_at(const struct holder *h, enum lock_level level)
{
    return claim_empty(&h->held[level][LOCK_SHARED]) &&
           claim_empty(&h->held[level][LOCK_EXCLUSIVE]);
}

bool holder_idle_above(const struct holder *h, enum lock_level level)
{
    for (int l = (int)level + 1; l < LOCK_LEVELS; l++)
        if (!holder_idle_at(h, (enum lock_level)l))
            return false;
    return true;
}

bool holder_owns(const struct holder *h, enum lock_level level, const char *name,
                 enum lock_mode mode)
{
    for (int m = (int)mode; m <= LOCK_EXCLUSIVE; m++) {
        const struct claim *c = &h->held[level][m];

        if (c->all || claim_has(c, name))
            return true;
    }
    return false;
}

bool holder_ahead(const struct holder *a, const struct holder *b)
{
    int pa = a->priority, pb = b->priority;

    return pa != pb ? pa < pb : a->ticket < b->ticket;
}

struct holder *table_blocker(const struct table *t, const struct holder *h)
{
    struct holder *other;

    LIST_FOREACH(other, t, link)
    {
        const struct claim *held = other->held[h->want.level];

        if (other != h && (claim_conflicts(&held[LOCK_SHARED], &h->want) ||
                           claim_conflicts(&held[LOCK_EXCLUSIVE], &h->want)))
            return other;
    }
    if (h->adding)
        return NULL;
    LIST_FOREACH(other, t, link)
    if (other != h && other->waiting && holder_ahead(other, h) &&
        claim_conflicts(&other->want, &h->want))
        return other;
    return NULL;
}

void holder_grant(struct holder *h, int64_t now)
{
    struct claim *c = &h->held[h->want.level][h->want.mode];

    claim_clear(c); /* empty, but it may own an empty vector */
    *c = h->want;
    h->since[h->want.level] = now;
    h->want.all = false;
    h->want.names = (struct strvec){0};
    h->waiting = false;
}

void holder_ungrant(struct holder *h, enum lock_level level, enum lock_mode mode)
{
    struct claim *c = &h->held[level][mode];

    h->want = *c;
    c->all = false;
    c->names = (struct strvec){0};
    h->waiting = true;
}

/* claim.c - see claim.h.
 *
 * The set lock implies its members.  So there is no separate lock object for a set: a
 * claim on it conflicts with every other claim of its level unless both are shared, and
 * two lists of names conflict when they share one.
 */
#include "claim.h"

#include <string.h>

bool claim_name_valid(const char *name)
{
    const char *p = name;

    while (*p >= ' ' && *p <= '~')
        p++;
    return p != name && *p == '\0';
}

int claim_check(enum lock_level level, const char *const *names, size_t n)
{
    if ((unsigned)level >= LOCK_LEVELS || (n > 0 && !names))
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!names[i] || !claim_name_valid(names[i]))
            return -EINVAL;
        if (level == LOCK_CLUSTER && strcmp(names[i], LOCK_BGL) != 0)
            return -EINVAL;
    }
    return 0;
}

int claim_from_request(const struct lock_request *rq, struct claim *ret)
{
    CLEANUP_CLAIM struct claim c = {.level = rq->level, .mode = rq->mode, .all = rq->all};
    size_t n = rq->all ? 0 : rq->n;
    int r = claim_check(rq->level, rq->names, n);

    if (r == 0 && rq->mode != LOCK_SHARED && rq->mode != LOCK_EXCLUSIVE)
        r = -EINVAL;
    if (r == 0)
        r = claim_add(&c, rq->names, n);
    if (r < 0)
        return r;
    *ret = c;
    c.names = (struct strvec){0};
    return 0;
}

void claim_clear(struct claim *c)
{
    c->all = false;
    strvec_clear(&c->names);
}

bool claim_empty(const struct claim *c)
{
    return !c->all && c->names.n == 0;
}

/* Index of the first listed name that is not below the given one. */
static size_t lower_bound(const struct claim *c, const char *name)
{
    size_t from = 0, to = c->names.n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;

        if (strcmp(c->names.v[mid], name) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

bool claim_has(const struct claim *c, const char *name)
{
    size_t i = lower_bound(c, name);

    return i < c->names.n && strcmp(c->names.v[i], name) == 0;
}

void claim_remove(struct claim *c, const char *name)
{
    size_t i = lower_bound(c, name);

    if (i == c->names.n || strcmp(c->names.v[i], name) != 0)
        return;
    free(c->names.v[i]);
    memmove(&c->names.v[i], &c->names.v[i + 1], (c->names.n - i) * sizeof *c->names.v);
    c->names.n--;
}

int claim_add(struct claim *c, const char *const *names, size_t n)
{
    int r;

    if (n == 0)
        return 0;
    r = strvec_add_all(&c->names, names, n);
    if (r == 0)
        strvec_sort_unique(&c->names);
    return r;
}

bool claim_conflicts(const struct claim *a, const struct claim *b)
{
    const struct claim *few = a->names.n < b->names.n ? a : b, *many = few == a ? b : a;

    if (a->level != b->level || (a->mode == LOCK_SHARED && b->mode == LOCK_SHARED))
        return false;
    if (claim_empty(a) || claim_empty(b))
        return false;
    if (a->all || b->all)
        return true;
    for (size_t i = 0; i < few->names.n; i++)
        if (claim_has(many, few->names.v[i]))
            return true;
    return false;
}

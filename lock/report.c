/* report.c - lock_report() of lock.h.
 *
 * Works on copies: the files of the other processes, and this process's own state in the
 * same form.  So the caller's function runs without any lock, may take its time and may
 * call the lock manager.
 */
#include "manager.h"

#include "state.h"

#include <string.h>

struct entry {
    const struct holder *h;
    const struct claim *claim;
    bool waiting;
    int64_t since;
};

struct entries {
    struct entry *v;
    size_t n;
};

static void entries_clear(struct entries *es)
{
    free(es->v);
}

/* What all processes have, at one moment. */
static int snapshot(struct lock_manager *m, struct table *t)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r;

    {
        LOCK_SCOPE(&m->mutex);
        manager_begin(m);
        r = m->shared ? statedir_scan(&m->dir, t) : -EIO;
        if (r == 0)
            r = state_format(&m->table, (int)getpid(), &text, &len);
        manager_end(m);
    }
    return r < 0 ? r : state_parse(text, len, t);
}

static int add_entry(struct entries *es, const struct holder *h, const struct claim *c,
                     bool waiting, int64_t since)
{
    struct entry *v;

    if (claim_empty(c))
        return 0;
    v = reallocarray(es->v, es->n + 1, sizeof *v);
    if (!v)
        return -ENOMEM;
    es->v = v;
    v[es->n++] = (struct entry){.h = h, .claim = c, .waiting = waiting, .since = since};
    return 0;
}

static int add_entries(struct entries *es, const struct holder *h)
{
    int r = 0;

    for (int level = 0; level < LOCK_LEVELS; level++)
        for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE && r == 0; mode++)
            r = add_entry(es, h, &h->held[level][mode], false, h->since[level]);
    if (r == 0 && h->waiting)
        r = add_entry(es, h, &h->want, true, h->want_since);
    return r;
}

/* Levels upwards, in each the holds by age and then the queue. */
static int compare(const void *pa, const void *pb)
{
    const struct entry *a = pa, *b = pb;

    if (a->claim->level != b->claim->level)
        return a->claim->level < b->claim->level ? -1 : 1;
    if (a->waiting != b->waiting)
        return a->waiting ? 1 : -1;
    if (a->waiting)
        return holder_ahead(a->h, b->h) ? -1 : holder_ahead(b->h, a->h);
    if (a->since != b->since)
        return a->since < b->since ? -1 : 1;
    return strcmp(a->h->description, b->h->description);
}

static void tell(const struct table *t, const struct entry *e,
                 void (*row)(const struct lock_row *r, void *arg), void *arg)
{
    const struct holder *blocker = e->waiting ? table_blocker(t, e->h) : NULL;
    struct lock_row r = {
        .owner = e->h->description,
        .pid = e->h->pid,
        .waiting = e->waiting,
        .level = e->claim->level,
        .mode = e->claim->mode,
        .names = e->claim->all ? NULL : (const char *const *)e->claim->names.v,
        .n = e->claim->all ? 0 : e->claim->names.n,
        .priority = e->h->priority,
        .since = e->since,
        .blocker = blocker ? blocker->description : NULL,
    };

    row(&r, arg);
}

int lock_report(struct lock_manager *m, void (*row)(const struct lock_row *r, void *arg), void *arg)
{
    CLEANUP_TABLE struct table t = LIST_HEAD_INITIALIZER(t);
    CLEANUP(entries_clear) struct entries es = {0};
    const struct holder *h;
    int r = snapshot(m, &t);

    if (r < 0)
        return r;
    LIST_FOREACH(h, &t, link)
    {
        r = add_entries(&es, h);
        if (r < 0)
            return r;
    }
    if (es.n > 1)
        qsort(es.v, es.n, sizeof *es.v, compare);
    for (size_t i = 0; i < es.n; i++)
        tell(&t, &es.v[i], row, arg);
    return 0;
}

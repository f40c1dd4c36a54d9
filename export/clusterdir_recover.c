/* clusterdir_recover.c - what exports of dead processes have left (journal.h) is put in order by
 * whichever mount gets their locks first.
 *
 * Whoever exports an instance holds its locks from before the note until after it, and a dead
 * process's locks are free: who gets all of them and still finds the note knows that nobody else
 * will see to it.  What cannot be done stays noted, with the reason, for the next look.
 *
 * One look, by the remover's thread:
 *
 *   1  every instance that was left stopped is started; no node is asked for that
 *   2  instance by instance the rest, each in a thread that is left behind if it takes long
 *      (relay.h): it goes on by itself, and is not begun again before it has ended.  So a node that
 *      hangs costs what waits for it, and nothing else.  The same goes for the removals
 *      pending, and for what is left of images that somebody was writing, node by node.
 *   3  such a thread adds checksums when all else of its instance is in order; the instance's lock
 *      is shared then, as in an export.  One at a time, for it reads whole dumps.
 *
 * The struct must outlive those threads: clusterdir_recover_wait().
 */
#include "export/clusterdir_internal.h"
#include "export/recover.h"

#include <string.h>
#include <time.h>

#define THREAD_MS     5000 /* then the next instance's turn comes */
#define CLOSE_WAIT_MS 2000

/* What one thread is at; in the list of clusterdir, under mu. */
struct clusterdir_recovering {
    const char *name;
    struct clusterdir_recovering *next;
};

enum task_kind {
    RECOVERY, /* of an instance */
    REMOVALS, /* from a node, as far as they are pending */
    PUTS,     /* a node's, of dead processes, are swept away */
};

struct task {
    struct clusterdir *d;
    char *key; /* for the relay */
    enum task_kind kind;
    char *name; /* of the instance or node */
};

/* --- the journal for others --- */

int clusterdir_journal_note(void *arg, const char *name, const struct journal *j, struct err *err)
{
    struct clusterdir *d = arg;
    int r = journal_write(d->base.state_dir, name, j);

    return r < 0
               ? err_sys(err, r, "Cannot note in %s what is done with %s", d->base.state_dir, name)
               : 0;
}

void clusterdir_journal_end(void *arg, const char *name)
{
    struct clusterdir *d = arg;

    journal_remove(d->base.state_dir, name); /* one left over finds that nothing is to be done */
}

int clusterdir_journal_left(void *arg, const char *name, struct journal *ret, struct err *err)
{
    struct clusterdir *d = arg;
    int r = journal_read(d->base.state_dir, name, ret);

    return r < 0 ? err_sys(err, r, "Cannot read what an earlier export of %s has left", name) : r;
}

int clusterdir_journal(struct cluster *c, const char *name, struct journal *ret)
{
    struct clusterdir *d = clusterdir(c);
    int r = journal_read(c->state_dir, name, ret);

    LOCK_SCOPE(&d->mu);
    for (const struct clusterdir_recovering *p = d->recovering; r > 0 && p; p = p->next)
        if (p->name && strcmp(p->name, name) == 0)
            ret->under_way = true;
    return r;
}

int clusterdir_journal_list(struct cluster *c, struct strvec *ret)
{
    return journal_list(c->state_dir, ret);
}

/* --- locks --- */

/* Never waits: who holds it lives, and is at that instance. */
static int take(struct lock_owner *o, enum lock_level level, enum lock_mode mode, const char *name)
{
    const struct lock_request rq = {
        .level = level, .mode = mode, .all = !name, .names = &name, .n = name ? 1 : 0};

    return lock_acquire(o, &rq, 0);
}

static int lock_instance(struct lock_owner *o, const char *name)
{
    int r = take(o, LOCK_CLUSTER, LOCK_SHARED, LOCK_BGL);

    return r < 0 ? r : take(o, LOCK_INSTANCE, LOCK_EXCLUSIVE, name);
}

static int lock_all(struct lock_owner *o, const char *name)
{
    int r = lock_instance(o, name);

    if (r == 0)
        r = take(o, LOCK_NODE, LOCK_SHARED, NULL);
    return r < 0 ? r : take(o, LOCK_EXPORT, LOCK_EXCLUSIVE, name);
}

static int new_owner(struct clusterdir *d, const char *name, struct lock_owner **ret)
{
    char what[600];

    snprintf(what, sizeof what, "clearing up after an export of %s that was cut short", name);
    return lock_owner_new(d->locks, what, LOCK_PRIO_NORMAL, ret);
}

/* --- one note --- */

static struct recovery recovery(struct clusterdir *d, const struct model *m, const char *name,
                                struct journal *j)
{
    return (struct recovery){.env = &d->env, .m = m, .name = name, .j = j, .cancel = &d->cancel};
}

static void put(struct clusterdir *d, const char *name, const struct journal *j,
                const struct journal *before)
{
    if (journal_empty(j))
        journal_remove(d->base.state_dir, name);
    else if (memcmp(j, before, sizeof *j) != 0)
        journal_write(d->base.state_dir, name, j);
}

/* With the instance's lock: only that. */
static void start_one(struct clusterdir *d, const char *name)
{
    CLEANUP_MODEL struct model *m = NULL;
    struct journal j, before;
    struct recovery rc;
    struct err ignored; /* it is in the note */

    if (journal_read(d->base.state_dir, name, &j) <= 0 || !j.stopped ||
        modelwatch_refresh(d->models, &m, &ignored) < 0)
        return;
    before = j;
    rc = recovery(d, m, name, &j);
    recover_start(&rc, &ignored);
    put(d, name, &j, &before);
}

/* One hashes at a time: d->hashing. */
static bool begin_hashing(struct clusterdir *d)
{
    LOCK_SCOPE(&d->mu);
    bool mine = !d->hashing;

    d->hashing = true;
    return mine;
}

static void end_hashing(struct clusterdir *d)
{
    pthread_mutex_lock(&d->mu);
    d->hashing = false;
    pthread_mutex_unlock(&d->mu);
    clusterdir_pending_kick(d); /* the next one's turn */
}

static void add_sums(struct clusterdir *d, const struct recovery *rc, struct lock_owner *owner)
{
    struct err ignored; /* it is in the note */
    struct journal before = *rc->j;

    if (!recover_must_hash(rc->j) || !begin_hashing(d))
        return;
    if (lock_downgrade(owner, LOCK_INSTANCE, &rc->name, 1) == 0)
        recover_sums(rc, &ignored);
    put(d, rc->name, rc->j, &before);
    end_hashing(d);
}

/* With all locks. */
static void put_in_order(struct clusterdir *d, const char *name, struct lock_owner *owner)
{
    CLEANUP_MODEL struct model *m = NULL;
    struct journal j, before;
    struct recovery rc;
    struct err ignored; /* it is in the note */

    if (journal_read(d->base.state_dir, name, &j) <= 0 ||
        modelwatch_refresh(d->models, &m, &ignored) < 0)
        return;
    before = j;
    rc = recovery(d, m, name, &j);
    recover(&rc, &ignored);
    put(d, name, &j, &before);
    add_sums(d, &rc, owner);
}

/* --- one look --- */

static void start_instances(struct clusterdir *d, const struct strvec *names)
{
    for (size_t i = 0; i < names->n && !cancel_requested(&d->cancel); i++) {
        struct lock_owner *owner;

        if (new_owner(d, names->v[i], &owner) < 0)
            continue;
        if (lock_instance(owner, names->v[i]) == 0)
            start_one(d, names->v[i]);
        lock_owner_free(owner);
    }
}

static void lock_and_recover(struct clusterdir *d, const char *name)
{
    struct lock_owner *owner;

    if (new_owner(d, name, &owner) < 0)
        return;
    if (lock_all(owner, name) == 0)
        put_in_order(d, name, owner);
    lock_owner_free(owner);
}

static void sweep_puts(struct clusterdir *d, const char *name)
{
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_node *node = model_find_node(m, name);
    struct err ignored;

    if (node)
        node_local_ops.put_sweep(d->node, node, &ignored);
}

static void work(void *data)
{
    struct task *t = data;
    struct clusterdir *d = t->d;
    struct clusterdir_recovering me = {.name = t->kind == RECOVERY ? t->name : NULL}, **p;

    pthread_mutex_lock(&d->mu);
    bool stopping = d->stopping;

    if (!stopping) {
        me.next = d->recovering;
        d->recovering = &me;
    }
    pthread_mutex_unlock(&d->mu);
    if (stopping)
        return;
    if (t->kind == RECOVERY)
        lock_and_recover(d, t->name);
    else if (t->kind == REMOVALS)
        clusterdir_pending_process(d, t->name);
    else
        sweep_puts(d, t->name);

    LOCK_SCOPE(&d->mu);
    for (p = &d->recovering; *p != &me; p = &(*p)->next)
        ;
    *p = me.next;
    pthread_cond_broadcast(&d->wake);
}

static void destroy(void *data)
{
    struct task *t = data;

    free(t->key);
    free(t->name);
    free(t);
}

/* NULL: no memory. */
static struct task *new_task(struct clusterdir *d, const char *name, enum task_kind kind)
{
    static const char *const kinds[] = {"recovery", "removals", "puts"};
    struct task *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->d = d;
    t->kind = kind;
    t->name = strdup(name);
    if (asprintf(&t->key, "%s %s", kinds[kind], name) < 0)
        t->key = NULL;
    if (t->name && t->key)
        return t;
    destroy(t);
    return NULL;
}

static void run_task(struct clusterdir *d, const char *name, enum task_kind kind)
{
    struct task *t = cancel_requested(&d->cancel) ? NULL : new_task(d, name, kind);
    struct relay_item item = {.data = t};

    if (!t)
        return;
    item.key = t->key;
    relay_run(d->relay, &item, 1, work, destroy, THREAD_MS);
    if (item.data)
        destroy(item.data);
}

void clusterdir_recover(struct clusterdir *d)
{
    CLEANUP_STRVEC struct strvec names = {0};

    if (journal_list(d->base.state_dir, &names) == 0) {
        for (size_t i = 0; d->base.noted && i < names.n; i++)
            d->base.noted(d->base.noted_arg, names.v[i]);
        start_instances(d, &names);
        for (size_t i = 0; i < names.n; i++)
            run_task(d, names.v[i], RECOVERY);
    }
}

void clusterdir_remove_stale(struct clusterdir *d)
{
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);

    for (size_t i = 0; i < m->nnodes; i++)
        run_task(d, m->nodes[i].name, REMOVALS);
}

/* Whether a node answers is known by whoever looks at it all the time. */
void clusterdir_sweep_puts(struct clusterdir *d)
{
    struct catalog *cat = catalog_get(d->catalog);

    for (size_t i = 0; i < cat->n; i++)
        if (cat->nodes[i].state <= NODE_DRAINED)
            run_task(d, cat->nodes[i].name, PUTS);
    catalog_unref(cat);
}

bool clusterdir_recover_due(struct clusterdir *d)
{
    CLEANUP_STRVEC struct strvec names = {0};

    return journal_list(d->base.state_dir, &names) == 0 && names.n > 0;
}

bool clusterdir_recover_wait(struct clusterdir *d)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_WAIT_MS / 1000;

    LOCK_SCOPE(&d->mu);
    while (d->recovering && pthread_cond_timedwait(&d->wake, &d->mu, &until) != ETIMEDOUT)
        ;
    return !d->recovering;
}

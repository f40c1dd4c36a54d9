/* clusterdir_pending.c - the remover: stale copies on nodes that come back (DESIGN §5), and what
 * dead processes have left of a removal.
 *
 * One thread; it looks whenever model or catalog changed, and every half minute for what they
 * cannot tell; at what is in the journal more often.  It never asks a node itself, for that may
 * hang (clusterdir_recover.c).  Every removal is done under the locks of the removal LU: BGL and
 * all nodes shared, the export's name exclusive, so it never meets a publication of the same name,
 * in any process.
 */
#include "export/clusterdir_internal.h"
#include "export/pending.h"
#include "export/statefile.h"

#include <string.h>

#define LOOK_AGAIN_S    30
#define LOOK_AT_NOTES_S 3
#define SWEEP_AGAIN_S   600
#define LOCK_WAIT_MS    1000 /* somebody exports that instance: another time */

/* What one look holds: the owner of the locks for one record. */
struct remover {
    struct clusterdir *d;
    struct lock_owner *owner;
};

static int take(struct lock_owner *o, enum lock_level level, enum lock_mode mode, const char *name)
{
    struct lock_request rq = {
        .level = level, .mode = mode, .all = !name, .names = &name, .n = name ? 1 : 0};

    return lock_acquire(o, &rq, LOCK_WAIT_MS);
}

static int env_lock(void *arg, const char *node, const char *name)
{
    struct remover *rm = arg;
    char what[600];
    int r;

    if (cancel_requested(&rm->d->cancel))
        return -ECANCELED;
    snprintf(what, sizeof what, "removal of the stale copy of %s on %s", name, node);
    r = lock_owner_new(rm->d->locks, what, LOCK_PRIO_NORMAL, &rm->owner);
    if (r < 0)
        return r;
    if ((r = take(rm->owner, LOCK_CLUSTER, LOCK_SHARED, LOCK_BGL)) == 0 &&
        (r = take(rm->owner, LOCK_NODE, LOCK_SHARED, NULL)) == 0)
        r = take(rm->owner, LOCK_EXPORT, LOCK_EXCLUSIVE, name);
    if (r < 0)
        lock_owner_free(STEAL(rm->owner));
    return r;
}

static void env_unlock(void *arg, const char *node, const char *name)
{
    struct remover *rm = arg;

    (void)node;
    (void)name;
    lock_owner_free(STEAL(rm->owner));
}

static struct model *env_model(void *arg)
{
    return modelwatch_get(((struct remover *)arg)->d->models);
}

static struct catalog *env_catalog(void *arg)
{
    return catalog_get(((struct remover *)arg)->d->catalog);
}

static void env_removed(void *arg, const char *node, const char *name)
{
    struct err ignored; /* the catalog keeps the node's error itself */

    catalog_refresh(((struct remover *)arg)->d->catalog, node, name, &ignored);
}

static bool env_answers(void *arg, const char *node, const char *name)
{
    struct clusterdir *d = ((struct remover *)arg)->d;
    bool answers = clusterdir_answers(d, node, name);

    LOCK_SCOPE(&d->mu);
    d->ask_again |= !answers;
    return answers;
}

void clusterdir_pending_process(struct clusterdir *d, const char *node)
{
    struct remover rm = {.d = d};
    const struct pending_env env = {
        .only = node,
        .nodes = &node_local_ops,
        .node_ctx = d->node,
        .arg = &rm,
        .answers = env_answers,
        .lock = env_lock,
        .unlock = env_unlock,
        .model = env_model,
        .catalog = env_catalog,
        .removed = env_removed,
    };

    pending_process(d->base.state_dir, &env);
}

enum reason { STOPPING, NEWS, NOTES };

/* Of another mount's death nothing is heard: while something is noted, it is looked at often.
 * *left: how many such looks until all is looked at without news. */
static enum reason wait_for_reason(struct clusterdir *d, unsigned *left)
{
    struct timespec until;
    enum reason why;

    do {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_AT_NOTES_S;
        pthread_mutex_lock(&d->mu);
        while (!d->kicked && !d->stopping &&
               pthread_cond_timedwait(&d->wake, &d->mu, &until) != ETIMEDOUT)
            ;
        why = d->stopping ? STOPPING : d->kicked || d->ask_again || !--*left ? NEWS : NOTES;
        d->kicked = d->ask_again = false;
        pthread_mutex_unlock(&d->mu);
    } while (why == NOTES && !clusterdir_recover_due(d));
    return why;
}

static void sweep_state(struct clusterdir *d)
{
    static const char *const areas[] = {"journal", "pending", "params", "mounted"};

    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
        statefile_sweep(d->base.state_dir, areas[i]);
}

static time_t monotonic_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec;
}

static void *remover_main(void *arg)
{
    struct clusterdir *d = arg;
    enum reason why = NEWS;
    time_t sweep_at = 0;
    unsigned left;

    do {
        clusterdir_recover(d);
        if (why == NEWS) {
            clusterdir_remove_stale(d);
            sweep_state(d);
            if (monotonic_s() >= sweep_at) {
                clusterdir_sweep_puts(d);
                sweep_at = monotonic_s() + SWEEP_AGAIN_S;
            }
            left = LOOK_AGAIN_S / LOOK_AT_NOTES_S;
        }
    } while ((why = wait_for_reason(d, &left)) != STOPPING);
    return NULL;
}

int clusterdir_pending_start(struct clusterdir *d)
{
    int r = -pthread_create(&d->remover, NULL, remover_main, d);

    d->remover_started = r == 0;
    return r;
}

void clusterdir_pending_kick(struct clusterdir *d)
{
    LOCK_SCOPE(&d->mu);
    d->kicked = true;
    pthread_cond_signal(&d->wake);
}

bool clusterdir_pending_stop(struct clusterdir *d)
{
    if (!d->remover_started)
        return true;
    cancel_request(&d->cancel);
    pthread_mutex_lock(&d->mu);
    d->stopping = true;
    pthread_cond_signal(&d->wake);
    pthread_mutex_unlock(&d->mu);
    pthread_join(d->remover, NULL);
    d->remover_started = false;
    return clusterdir_recover_wait(d);
}

int clusterdir_pending_add(void *arg, const char *node, const char *name,
                           const struct node_export_id *id, struct err *err)
{
    struct clusterdir *d = arg;

    return pending_add(d->base.state_dir, node, name, id, err);
}

int clusterdir_pending_begin(void *arg, const char *node, const char *name, struct err *err)
{
    struct clusterdir *d = arg;

    return pending_begin(d->base.state_dir, node, name, err);
}

void clusterdir_pending_end(void *arg, const char *node, const char *name)
{
    struct clusterdir *d = arg;

    pending_end(d->base.state_dir, node, name);
}

/* A record's row, for one node only. */
struct listing {
    const char *node;
    void (*row)(const char *name, int64_t since, void *arg);
    void *arg;
};

static void list_row(const struct pending_record *r, void *arg)
{
    const struct listing *l = arg;

    if (strcmp(r->node, l->node) == 0)
        l->row(r->name, r->since, l->arg);
}

void clusterdir_pending_list(struct cluster *c, const char *node,
                             void (*row)(const char *name, int64_t since, void *arg), void *arg)
{
    struct listing l = {node, row, arg};

    pending_list(c->state_dir, list_row, &l);
}

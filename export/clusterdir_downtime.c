/* clusterdir_downtime.c - instances that an export stopped before its process died are started
 * (DESIGN §7 P2), by whichever mount gets their lock first.
 *
 * Whoever exports an instance holds its lock exclusively from before the note until it runs again,
 * and a dead process's locks are free: who gets the lock and still finds the note knows that nobody
 * else will start it.  One whose admin_state is not "up" any more was meant to stay down.
 */
#include "export/clusterdir_internal.h"
#include "export/downtime.h"

#define LOCK_WAIT_MS 1000 /* somebody exports that instance: another time */

int clusterdir_downtime_begin(void *arg, const char *name, struct err *err)
{
    struct clusterdir *d = arg;
    int r = downtime_begin(d->base.state_dir, name);

    return r < 0 ? err_sys(err, r, "Cannot note that instance %s is to be started again", name) : 0;
}

void clusterdir_downtime_end(void *arg, const char *name)
{
    struct clusterdir *d = arg;

    downtime_end(d->base.state_dir, name); /* one left over finds the instance running */
}

bool clusterdir_downtime_left(void *arg, const char *name)
{
    struct clusterdir *d = arg;

    return downtime_is_noted(d->base.state_dir, name) > 0;
}

static int lock(struct lock_owner *o, const char *name)
{
    const char *const bgl = LOCK_BGL;
    const struct lock_request cluster = {
        .level = LOCK_CLUSTER, .mode = LOCK_SHARED, .names = &bgl, .n = 1};
    const struct lock_request instance = {
        .level = LOCK_INSTANCE, .mode = LOCK_EXCLUSIVE, .names = &name, .n = 1};
    int r = lock_acquire(o, &cluster, LOCK_WAIT_MS);

    return r < 0 ? r : lock_acquire(o, &instance, LOCK_WAIT_MS);
}

/* The lock is held.  A failure leaves the note, for the next look. */
static void start(struct clusterdir *d, const char *name)
{
    CLEANUP_MODEL struct model *m = modelwatch_get(d->models);
    const struct model_instance *inst = model_find_instance(m, name);
    const struct model_node *node;
    struct err ignored;

    if (!inst || inst->error || downtime_is_noted(d->base.state_dir, name) <= 0)
        return;
    node = model_find_node(m, inst->primary_node);
    if (!node)
        return;
    if (inst->admin_state == ADMIN_UP &&
        d->env.nodes->instance_start(d->env.node_ctx, node, inst, &ignored) < 0)
        return;
    downtime_end(d->base.state_dir, name);
}

static void lock_and_start(struct clusterdir *d, const char *name)
{
    struct lock_owner *owner;
    char what[600];

    snprintf(what, sizeof what, "start of %s, which an export left stopped", name);
    if (lock_owner_new(d->locks, what, LOCK_PRIO_NORMAL, &owner) < 0)
        return;
    if (lock(owner, name) == 0)
        start(d, name);
    lock_owner_free(owner);
}

void clusterdir_downtime_recover(struct clusterdir *d)
{
    CLEANUP_STRVEC struct strvec names = {0};

    if (downtime_list(d->base.state_dir, &names) < 0)
        return;
    for (size_t i = 0; i < names.n && !cancel_requested(&d->cancel); i++)
        lock_and_start(d, names.v[i]);
}

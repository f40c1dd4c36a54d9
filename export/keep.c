/* keep.c - with -o keep an export that only readers asked for goes that long after the last one.
 *
 * One thread looks at all current exports a few times in that span.  What it finds expired from
 * memory and from STATE/promise goes by the removal LU, which asks again under its locks: the
 * export must still be the same one, and nobody may have read it, touched the instance or opened
 * the export meanwhile.  A handle of another mount that is open but has not read for so long reads
 * on, for its files are only unlinked.
 */
#include "export/jobs_internal.h"

#include "export/thread.h"

#include <string.h>

#define STOP_S 10

struct expiry {
    struct jobs *jobs;
    const char *name;
    int64_t t; /* of the export */
};

/* jobs->mu held. */
static bool in_use(const struct job_inst *inst, int64_t t)
{
    if (inst->run || inst->ending)
        return true;
    for (const struct jobs_reader *r = inst->readers; r; r = r->next)
        if (r->t == t)
            return true;
    return false;
}

static bool has_expired(struct jobs *j, const char *name, const struct catalog_export *e)
{
    int64_t last = e->info->published, now = time(NULL), slack = j->opt.linger_s / 16 + 1;
    const struct job_inst *inst;
    struct promise p;

    if (now - last < j->opt.keep_s)
        return false;
    pthread_mutex_lock(&j->mu);
    inst = jobs_inst_find(j, name);
    bool used = inst && in_use(inst, e->info->id.t);

    if (inst && inst->read_t == e->info->id.t && inst->read_at > last)
        last = inst->read_at;
    pthread_mutex_unlock(&j->mu);
    if (used || now - last < j->opt.keep_s)
        return false;
    promise_get(j->cluster->state_dir, name, &p);
    if (p.read_t == e->info->id.t && p.read_at + slack > last)
        last = p.read_at + slack;
    return p.for_readers == e->info->id.t && now - last >= j->opt.keep_s;
}

/* Under the locks of the removal: true if it must not be. */
static bool on_superseded(void *arg)
{
    struct expiry *x = arg;
    struct cluster *c = x->jobs->cluster;

    c->ops->refresh(c, x->name);

    struct catalog *cat = c->ops->catalog(c);
    const struct catalog_export *e = catalog_current(cat, x->name, NULL);
    bool go = e && e->info->id.t == x->t && has_expired(x->jobs, x->name, e);

    catalog_unref(cat);
    return !go;
}

static void on_lock_owner(void *arg, struct lock_owner *o)
{
    struct jobs *j = ((struct expiry *)arg)->jobs;

    LOCK_SCOPE(&j->mu);
    j->keeper_waits = o;
    if (o && j->stopping)
        lock_cancel(o);
}

/* The export that comes next must look changed, also to mounts that never saw this one. */
static void used_up(struct jobs *j, const char *name, int64_t t)
{
    LOCK_SCOPE(&j->mu);
    struct job_inst *inst = jobs_inst(j, name);

    if (inst)
        fresh_retire(j, inst, t);
}

static void expire(struct jobs *j, const char *name, int64_t t)
{
    struct expiry x = {j, name, t};
    struct lu_run run = {
        .arg = &x,
        .cancel = &j->keeper_cancel,
        .label = "removal of an export that nobody has read for long (keep)",
        .superseded = on_superseded,
        .lock_owner = on_lock_owner,
    };
    struct lu_result result = {0};
    struct opcode *op;
    struct err err;
    int r = opcode_new("OP_BACKUP_REMOVE", &op, &err);

    if (r < 0)
        return;
    r = opcode_set_string(op, "instance_name", name);
    if (r == 0)
        r = j->cluster->ops->run(j->cluster, &run, op, &result, &err);
    if (r == 0)
        used_up(j, name, t);
    else if (r != -EALREADY && r != -ECANCELED)
        jobs_refused(j, name, &err);
    lu_result_clear(&result);
    opcode_free(op);
}

static bool stopping(struct jobs *j)
{
    LOCK_SCOPE(&j->mu);
    return j->stopping;
}

static void look_at_all(struct jobs *j)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);

    for (size_t n = 0; n < cat->n; n++) {
        for (size_t i = 0; i < cat->nodes[n].n && !stopping(j); i++) {
            const struct catalog_export *e = cat->nodes[n].exports[i];

            if (catalog_current(cat, e->name, NULL) == e && has_expired(j, e->name, e))
                expire(j, e->name, e->info->id.t);
        }
    }
    catalog_unref(cat);
}

static void *keeper(void *arg)
{
    struct jobs *j = arg;
    int64_t every = j->opt.keep_s / 4;

    every = every < 1 ? 1 : every > 60 ? 60 : every;
    pthread_mutex_lock(&j->mu);
    while (!j->stopping) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += every;
        if (pthread_cond_timedwait(&j->stop, &j->mu, &until) != ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&j->mu);
        look_at_all(j);
        pthread_mutex_lock(&j->mu);
    }
    pthread_mutex_unlock(&j->mu);
    return NULL;
}

int keep_start(struct jobs *j)
{
    int r;

    if (j->opt.keep_s <= 0)
        return 0;
    r = cancel_init(&j->keeper_cancel);
    if (r < 0)
        return r;
    r = thread_start(&j->keeper, keeper, j);
    if (r < 0)
        cancel_destroy(&j->keeper_cancel);
    j->keeping = r == 0;
    return r;
}

bool keep_stop(struct jobs *j)
{
    struct timespec until;

    if (!j->keeping)
        return true;
    pthread_mutex_lock(&j->mu);
    j->stopping = true;
    cancel_request(&j->keeper_cancel);
    if (j->keeper_waits)
        lock_cancel(j->keeper_waits);
    pthread_cond_broadcast(&j->stop);
    pthread_mutex_unlock(&j->mu);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_S;
    if (pthread_timedjoin_np(j->keeper, NULL, &until) != 0)
        return false;
    cancel_destroy(&j->keeper_cancel);
    j->keeping = false;
    return true;
}

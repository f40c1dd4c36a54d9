/* fresh.c - is the current export of an instance fresh, so that reading it starts nothing?
 *
 *   (a) less than max_age seconds have passed since its publication, or
 *   (b) it was read within linger seconds, here or through another mount, and less than hold
 *       seconds have passed since its publication, or
 *   (c) the instance is at rest and provably the same as when it was exported (proof.h).
 *
 * Freshness ends once: the first look at an export that is stale promises a newer T, and from then
 * on the export is stale whoever reads it.  Else a tool that has seen the new T could be given the
 * old bytes, and would take the export that follows under T for what it has already.
 *
 * Between mounts STATE/promise is the judge: a T is promised under its lock, and only if nobody's
 * reading is on record.  Reading is put on record once in a sixteenth of linger, so others are
 * believed for that much longer than it says.
 */
#include "export/jobs_internal.h"
#include "export/proof.h"

/* A worker asks, and has time: without a proof the next reader makes an export. */
#define LOOK_MS 10000

static int64_t record_every(const struct jobs *j)
{
    return j->opt.linger_s / 16 + 1;
}

/* Seconds since the publication are less than `limit`.  One in the future (a clock that was set
 * back) must not count for ever. */
static bool younger_than(const struct catalog_export *e, int64_t limit)
{
    int64_t age = time(NULL) - e->info->published;

    return age < limit && age > -limit;
}

bool fresh_by_age(const struct jobs *j, const struct catalog_export *e)
{
    return younger_than(e, j->opt.max_age_s);
}

static bool may_linger(const struct jobs *j, const struct catalog_export *e)
{
    return j->opt.linger_s > 0 && younger_than(e, j->opt.hold_s);
}

static bool read_lately(const struct jobs *j, const struct job_inst *inst,
                        const struct catalog_export *e)
{
    return inst->read_t == e->info->id.t && time(NULL) - inst->read_at < j->opt.linger_s &&
           may_linger(j, e);
}

/* The proof that was recorded when this export was made, by whichever mount. */
static void load_proof(struct jobs *j, struct job_inst *inst, int64_t t)
{
    struct promise p;

    if (inst->proof_t == t || inst->proof_asked == t)
        return;
    promise_get(j->cluster->state_dir, inst->name, &p);
    inst->proof_asked = t;
    inst->proof_t = p.proof_t;
    inst->proof = p.proof;
}

static bool unchanged(struct jobs *j, struct job_inst *inst, const struct model_instance *mi,
                      const struct catalog_export *e)
{
    load_proof(j, inst, e->info->id.t);
    return inst->proof_t == e->info->id.t && jobs_predict(j, inst, mi) == 0 && inst->provable &&
           proof_same(&inst->proof, &inst->predicted_proof) &&
           j->cluster->ops->running(j->cluster, mi) == 0;
}

void fresh_load(struct jobs *j, struct job_inst *inst)
{
    struct promise p;

    if (inst->loaded)
        return;
    inst->loaded = true;
    promise_get(j->cluster->state_dir, inst->name, &p);
    if (inst->promise < p.t)
        inst->promise = p.t;
    if (inst->floor < p.floor)
        inst->floor = p.floor;
    inst->read_t = p.read_t;
    inst->read_at = p.read_at;
}

enum fresh fresh_of(struct jobs *j, struct job_inst *inst, const struct model_instance *mi,
                    const struct catalog_export *e)
{
    if (!e || !jobs_serves(j, e))
        return STALE;
    fresh_load(j, inst);
    if (inst->floor < e->info->id.t)
        inst->floor = e->info->id.t; /* should it go, what comes must look changed */
    if (inst->promise > inst->floor)
        return STALE;
    if (fresh_by_age(j, e))
        return FRESH_AGE;
    if (unchanged(j, inst, mi, e))
        return FRESH_UNCHANGED;
    return read_lately(j, inst, e) ? FRESH_READ : STALE;
}

int64_t fresh_promise(struct jobs *j, struct job_inst *inst, const struct catalog_export *current,
                      bool needed)
{
    int64_t read_since = INT64_MAX, t = current ? current->info->id.t : 0;

    fresh_load(j, inst);
    if (inst->floor < t)
        inst->floor = t;
    if (inst->promise > inst->floor)
        return inst->promise;
    if (!needed && current && jobs_serves(j, current) && may_linger(j, current))
        read_since = time(NULL) - j->opt.linger_s - record_every(j);
    t = promise_make(j->cluster->state_dir, inst->name, inst->floor, t, read_since);
    if (t)
        inst->promise = t;
    return t;
}

static bool is_current(struct jobs *j, const char *instance, int64_t t)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct catalog_export *e = catalog_current(cat, instance, NULL);
    bool is = e && e->info->id.t == t;

    catalog_unref(cat);
    return is;
}

/* That of an export which another mount has just made is not to be followed by another, only
 * because this one has not seen it yet. */
bool fresh_is_used_up(struct jobs *j, struct job_inst *inst, int64_t t)
{
    struct promise p;

    promise_get(j->cluster->state_dir, inst->name, &p);
    if (p.made == t && !is_current(j, inst->name, t))
        j->cluster->ops->refresh(j->cluster, inst->name);
    LOCK_SCOPE(&j->mu);
    if (inst->floor < p.floor)
        inst->floor = p.floor;
    return t <= inst->floor;
}

void fresh_doubt(struct jobs *j, const char *instance)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);

    pthread_mutex_lock(&j->mu);
    struct job_inst *inst = jobs_inst(j, instance);
    if (inst)
        fresh_promise(j, inst, catalog_current(cat, instance, NULL), true);
    pthread_mutex_unlock(&j->mu);
    catalog_unref(cat);
}

void fresh_retire(struct jobs *j, struct job_inst *inst, int64_t t)
{
    if (inst->floor < t)
        inst->floor = t;
    promise_retire(j->cluster->state_dir, inst->name, t);
}

void fresh_note_read(struct jobs *j, struct job_inst *inst, int64_t t, int64_t at)
{
    bool record = false;

    pthread_mutex_lock(&j->mu);
    fresh_load(j, inst);
    if (t > inst->read_t || (t == inst->read_t && at > inst->read_at)) {
        record = t != inst->read_t || at - inst->noted_at >= record_every(j);
        inst->read_t = t;
        inst->read_at = at;
        if (record)
            inst->noted_at = at;
    }
    pthread_mutex_unlock(&j->mu);
    if (record)
        promise_note_read(j->cluster->state_dir, inst->name, t, at);
}

bool fresh_proof(struct jobs *j, const char *instance, int64_t since, struct proof *ret)
{
    const struct cluster_ops *ops = j->cluster->ops;

    if (ops->look(j->cluster, instance, LOOK_MS) < 0)
        return false;

    CLEANUP_MODEL struct model *m = ops->model(j->cluster);
    const struct model_instance *mi = model_find_instance(m, instance);

    return mi && proof_of(mi, ret) && proof_holds(mi, since) && ops->running(j->cluster, mi) == 0;
}

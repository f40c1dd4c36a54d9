/* jobs_text.c - status and log as "name: value" lines.  See jobs.h.
 *
 * Everything comes from memory (model, catalog, runs) or from the state directory (journal).  A
 * text is made under jobs->mu only as far as it shows runs, so that it is one consistent moment of
 * each.
 */
#include "export/exportini.h"
#include "export/jobs_internal.h"
#include "export/names.h"
#include "export/target.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

static void put_time(FILE *f, const char *key, int64_t when)
{
    char text[32];
    time_t t = when;
    struct tm tm;

    if (when == 0)
        return;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
    fprintf(f, "%s: %s\n", key, text);
}

void jobs_put_err(FILE *f, const char *key, const struct err *e)
{
    if (e->class == ERR_NONE)
        return;
    fprintf(f, "%s: %s", key, err_class_name(e->class));
    if (e->ecode != ECODE_NONE)
        fprintf(f, " (%s)", ecode_name(e->ecode));
    fprintf(f, ": %s\n", e->text);
}

static const char *run_state_name(const struct run *r)
{
    if (r->inst->hung == r)
        return "hung";
    if (cancel_requested((struct cancel *)&r->cancel) && r->state == RUN_RUNNING)
        return "canceling";
    switch (r->state) {
    case RUN_QUEUED:
        return "queued";
    case RUN_RUNNING:
        return "running";
    case RUN_DONE:
        return r->superseded ? "superseded" : "success";
    case RUN_FAILED:
        return r->err.class == ERR_CANCELED ? "canceled" : "error";
    }
    return "";
}

static void put_progress(FILE *f, const struct run *r)
{
    struct timespec now;
    double s, rate;

    if (r->total == 0)
        return;
    fprintf(f, "done: %" PRIu64 "\ntotal: %" PRIu64 "\n", r->done, r->total);
    clock_gettime(CLOCK_MONOTONIC, &now);
    s = (double)(now.tv_sec - r->copy_start.tv_sec) +
        (double)(now.tv_nsec - r->copy_start.tv_nsec) / 1e9;
    if (s < 0.5 || r->done == 0)
        return;
    rate = (double)r->done / s;
    fprintf(f, "rate: %.1f MiB/s\neta: %.0f s\n", rate / (double)MODEL_MIB,
            (double)(r->total - r->done) / rate);
}

static void put_run(FILE *f, const struct run *r)
{
    fprintf(f, "job: %" PRIu64 "\njob_state: %s\nphase: %s\ntrigger: %s\ntarget: %s\nreaders: %u\n",
            r->id, run_state_name(r), r->phase,
            r->writes    ? "write"
            : r->touched ? "touch"
                         : "read",
            r->target, r->readers);
    put_time(f, "queued_at", r->queued_at);
    put_time(f, "started_at", r->started_at);
    put_time(f, "ended_at", r->ended_at);
    if (r->state == RUN_RUNNING)
        put_progress(f, r);
}

/* What an export would cost now. */
static void put_cost(FILE *f, struct jobs *j, const struct model_instance *mi,
                     const struct catalog *cat)
{
    struct err err;
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const char *node =
        target_choose(m, cat, j->cluster->share, mi->name, mi->primary_node, j->target_node, &err);
    const struct catalog_node *cn = node ? catalog_find_node(cat, node) : NULL;

    if (!cn) {
        fprintf(f, "cost: not possible: %s\n", node ? "target node not known" : err.text);
        return;
    }
    fprintf(f, "cost: %" PRIu64 " bytes on %s (%" PRIu64 " free), %s\n",
            target_need(mi, &cn->space), node, cn->space.free,
            mi->admin_state != ADMIN_UP ? "the instance is down"
            : j->opt.shutdown           ? "a restart of the instance unless params say otherwise"
                                        : "a live snapshot unless params say otherwise");
}

static void put_export(FILE *f, struct jobs *j, const struct model_instance *mi,
                       const struct catalog_export *e, const struct catalog_node *cn)
{
    static const char *const why[] = {
        [FRESH_AGE] = "published lately",
        [FRESH_READ] = "read lately",
        [FRESH_UNCHANGED] = "the instance is at rest and unchanged",
    };
    struct jobs_view v;

    if (!e) {
        fprintf(f, "export: none\n");
        return;
    }
    if (jobs_view(j, mi->name, &v) < 0 || v.t != e->info->id.t)
        v.fresh = STALE;
    fprintf(f, "export: %s\n", v.fresh ? "fresh" : "stale");
    if (v.fresh)
        fprintf(f, "fresh_for: %s\n", why[v.fresh]);
    fprintf(f, "node: %s\nversion: %" PRId64 "\n", cn->name, e->info->id.t);
    put_time(f, "published", e->info->published);
    put_time(f, "data_taken", e->info->timestamp);
}

static void put_disks(FILE *f, const struct model_instance *mi)
{
    uint64_t sum = 0;

    for (unsigned d = 0; d < mi->ndisks; d++)
        sum += mi->disks[d].bytes;
    fprintf(f, "disks: %u\nbytes: %" PRIu64 "\n", mi->ndisks, sum);
    for (unsigned d = 0; d < mi->ndisks; d++)
        if (mi->disks[d].look_error)
            fprintf(f, "warning: disk/%u %s: %s\n", d, mi->disks[d].path,
                    strerrordesc_np(-mi->disks[d].look_error));
}

/* How far its export has come in what must be undone or finished if this process dies; of those
 * that did, what is left. */
static void put_journal(FILE *f, struct jobs *j, const char *name)
{
    struct journal note;
    int r = j->cluster->ops->journal(j->cluster, name, &note);

    if (r < 0)
        fprintf(f, "recovery: %s\n", strerrordesc_np(-r));
    if (r <= 0)
        return;
    fprintf(f, "journal: %s\n", journal_stage(&note));
    journal_put_left(f, "", &note);
}

static void put_recoveries(FILE *f, struct jobs *j)
{
    CLEANUP_STRVEC struct strvec names = {0};
    struct journal note;
    char of[NAME_MAX + 3];

    if (j->cluster->ops->journaled(j->cluster, &names) < 0)
        return;
    strvec_sort(&names);
    for (size_t i = 0; i < names.n; i++) {
        snprintf(of, sizeof of, "%s: ", names.v[i]);
        if (j->cluster->ops->journal(j->cluster, names.v[i], &note) > 0)
            journal_put_left(f, of, &note);
    }
}

/* A run that has failed may still be busy with putting things back: its readers know already. */
static bool failing(const struct run *run, struct err *why)
{
    if (run->state != RUN_RUNNING || !run->image || image_state(run->image) != IMAGE_FAILED)
        return false;
    image_error(run->image, why);
    return true;
}

/* jobs->mu held. */
static void put_errors(FILE *f, const struct job_inst *inst, const struct run *shown)
{
    const struct run *ended = jobs_run_ended(inst);
    bool failed = ended && ended->state == RUN_FAILED;
    struct err why;

    if (shown && failing(shown, &why)) {
        jobs_put_err(f, "error", &why);
        return;
    }
    if (failed)
        jobs_put_err(f, "error", &ended->err);
    if (inst->refused) {
        put_time(f, "refused_at", inst->refused_at);
        jobs_put_err(f, failed ? "refused" : "error", inst->refused);
    }
}

/* What others do with it, or have done. */
static void put_others(FILE *f, struct jobs *j, const struct model_instance *mi, int running)
{
    bool exporting = j->cluster->ops->exporting(j->cluster, mi->name);

    if (exporting)
        fprintf(f, "under_way: a job of the cluster exports it\n");
    else if (running == 0 && mi->admin_state == ADMIN_UP)
        fprintf(f, "warning: it should run, and does not\n");
}

static void put_instance(FILE *f, struct jobs *j, const struct model_instance *mi,
                         const struct catalog *cat)
{
    int running = j->cluster->ops->running(j->cluster, mi);
    const struct catalog_node *cn = NULL;
    const struct catalog_export *e = catalog_current(cat, mi->name, &cn);
    const struct job_inst *inst;
    const struct run *run;

    fprintf(f, "state: %s\nrunning: %s\nprimary_node: %s\n",
            model_admin_state_name(mi->admin_state),
            running < 0 ? "unknown"
            : running   ? "yes"
                        : "no",
            mi->primary_node);
    put_disks(f, mi);
    put_export(f, j, mi, e, cn);
    put_cost(f, j, mi, cat);
    put_journal(f, j, mi->name);
    if (j->cluster->ops->exporting)
        put_others(f, j, mi, running);

    LOCK_SCOPE(&j->mu);
    removal_put_instance(f, j, mi->name);
    inst = jobs_inst_find(j, mi->name);
    if (!inst)
        return;
    run = jobs_run_shown(j, inst);
    if (run)
        put_run(f, run);
    put_errors(f, inst, run);
}

int jobs_instance_status_text(struct jobs *j, const char *instance, char **text, size_t *len)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_instance *mi = model_find_instance(m, instance);
    FILE *f;

    if (!mi)
        return -ENOENT;
    f = open_memstream(text, len);
    if (!f)
        return -ENOMEM;
    fprintf(f, "instance: %s\n", instance);
    if (mi->error) {
        fprintf(f, "state: unusable\nerror: %s\n", mi->error);
    } else {
        struct catalog *cat = j->cluster->ops->catalog(j->cluster);

        put_instance(f, j, mi, cat);
        catalog_unref(cat);
    }
    return fclose(f) == 0 ? 0 : -ENOMEM;
}

static const char *const node_states[] = {
    [NODE_ONLINE] = "online",
    [NODE_DRAINED] = "drained",
    [NODE_OFFLINE] = "offline",
    [NODE_UNREACHABLE] = "unreachable",
};

static void put_lock(const struct lock_row *r, void *arg)
{
    FILE *f = arg;

    fprintf(f, "lock: %s/", lock_level_name(r->level));
    if (!r->names)
        fprintf(f, "[lockset]");
    for (size_t i = 0; r->names && i < r->n; i++)
        fprintf(f, "%s%s", i ? "," : "", r->names[i]);
    fprintf(f, " %s %s by %s (pid %d)", r->mode == LOCK_EXCLUSIVE ? "exclusive" : "shared",
            r->waiting ? "wanted" : "held", r->owner, r->pid);
    if (r->waiting && r->blocker)
        fprintf(f, " behind %s", r->blocker);
    fputc('\n', f);
}

static void put_hung(FILE *f, struct jobs *j)
{
    for (size_t h = 0; j->nhung && h < JOBS_HASH; h++)
        for (const struct job_inst *i = j->insts[h]; i; i = i->next)
            if (i->hung)
                fprintf(f, "job: %" PRIu64 " hung %s to %s: %s\n", i->hung->id, i->name,
                        i->hung->target, i->hung->err.text);
}

static void put_list(FILE *f, const struct run *r)
{
    for (; r; r = r->next)
        fprintf(f, "job: %" PRIu64 " %s %s to %s: %s\n", r->id, run_state_name(r), r->inst->name,
                r->target, r->phase);
}

static void put_runs(FILE *f, struct jobs *j)
{
    unsigned running, queued, others_running, others_queued;

    LOCK_SCOPE(&j->mu);
    mount_params_put(f, j);
    put_hung(f, j);
    put_list(f, j->begun);
    put_list(f, j->queue);
    removal_put_jobs(f, j);
    jobs_count(j, &queued, &running);
    share_others(j->cluster->share, &others_running, &others_queued);
    if (others_running || others_queued)
        fprintf(f, "jobs_of_other_mounts: %u running, %u queued\n", others_running, others_queued);
    fprintf(f,
            "jobs_running: %u\njobs_queued: %u\njobs_succeeded: %" PRIu64 "\njobs_failed: %" PRIu64
            "\njobs_canceled: %" PRIu64 "\njobs_superseded: %" PRIu64 "\njobs_hung: %u\n",
            running, queued, j->runs_ok, j->runs_failed, j->runs_canceled, j->runs_superseded,
            j->nhung);
}

int jobs_status_text(struct jobs *j, char **text, size_t *len)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    FILE *f = open_memstream(text, len);
    size_t exports = 0;

    if (!f) {
        catalog_unref(cat);
        return -ENOMEM;
    }
    fprintf(f, "cluster: %s\nsource: %s\nmaster_node: %s\n", m->name, j->cluster->source,
            m->master_node);
    put_time(f, "mounted_at", j->started_at);
    if (m->error)
        fprintf(f, "error: %s\n", m->error);
    for (size_t i = 0; i < cat->n; i++) {
        fprintf(f, "node: %s %s, %zu exports, %" PRIu64 " bytes free\n", cat->nodes[i].name,
                node_states[cat->nodes[i].state], cat->nodes[i].n, cat->nodes[i].space.free);
        exports += cat->nodes[i].n;
    }
    fprintf(f, "nodes: %zu\ninstances: %zu\nexports: %zu\n", m->nnodes, m->ninstances, exports);
    put_runs(f, j);
    put_recoveries(f, j);
    j->cluster->ops->locks(j->cluster, put_lock, f);
    catalog_unref(cat);
    return fclose(f) == 0 ? 0 : -ENOMEM;
}

static void put_pending(const char *name, int64_t since, void *arg)
{
    fprintf(arg, "removal_pending: %s\n", name);
    put_time(arg, "pending_since", since);
}

static void put_broken(FILE *f, struct jobs *j, const struct catalog_node *cn)
{
    const struct cluster_ops *ops = j->cluster->ops;

    for (size_t i = 0; i < cn->n; i++)
        if (!cn->exports[i]->complete)
            fprintf(f, "incomplete: %s: %s\n", cn->exports[i]->name, cn->exports[i]->error);
    for (size_t i = 0; i < cn->nunfinished; i++) {
        const char *full = cn->unfinished[i]->name;
        CLEANUP_FREE char *name = strndup(full, names_unfinished(full));

        fprintf(f, "unfinished: %s: %s\n", full,
                name && ops->exporting && ops->exporting(j->cluster, name)
                    ? "an export is under way"
                    : "left over from an export that did not end well");
    }
}

int jobs_node_status_text(struct jobs *j, const char *node, char **text, size_t *len)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_node *mn = model_find_node(m, node);
    struct catalog *cat;
    const struct catalog_node *cn;
    FILE *f;

    if (!mn)
        return -ENOENT;
    f = open_memstream(text, len);
    if (!f)
        return -ENOMEM;
    cat = j->cluster->ops->catalog(j->cluster);
    cn = catalog_find_node(cat, node);
    fprintf(f, "node: %s\nstate: %s\n", node, cn ? node_states[cn->state] : "unknown");
    if (cn)
        fprintf(f, "exports: %zu\nfree: %" PRIu64 "\ntotal: %" PRIu64 "\nreserved: %" PRIu64 "\n",
                cn->n, cn->space.free, cn->space.total,
                share_reserved(j->cluster->share, node, NULL));
    if (cn && cn->space.read_only)
        fprintf(f, "read_only: it takes no exports\n");
    if (mn->error || (cn && cn->error))
        fprintf(f, "error: %s\n", mn->error ? mn->error : cn->error);
    if (cn)
        put_broken(f, j, cn);
    j->cluster->ops->pending(j->cluster, node, put_pending, f);
    catalog_unref(cat);
    pthread_mutex_lock(&j->mu);
    removal_put_node(f, j, node);
    write_put_node(f, j, node);
    pthread_mutex_unlock(&j->mu);
    return fclose(f) == 0 ? 0 : -ENOMEM;
}

/* Of the export under way, else of what came last, an export or a removal.  jobs->mu held. */
static const struct joblog *log_shown(struct jobs *j, const char *instance, uint64_t *id)
{
    const struct job_inst *inst = jobs_inst_find(j, instance);
    const struct run *r = inst ? jobs_run_shown(j, inst) : NULL;
    uint64_t removal_id = 0;
    const struct joblog *removal = removal_log(j, instance, &removal_id);

    if (!r || (r->state >= RUN_DONE && r->id < removal_id)) {
        *id = removal_id;
        return removal;
    }
    *id = r->id;
    return &r->log;
}

int jobs_log_text(struct jobs *j, const char *instance, uint64_t *id, char **text, size_t *len)
{
    LOCK_SCOPE(&j->mu);

    uint64_t shown = 0;
    const struct joblog *log = log_shown(j, instance, &shown);
    char *copy = strdup(log && log->text ? log->text : "");

    if (!copy)
        return -ENOMEM;
    *id = shown;
    *len = strlen(copy);
    *text = copy;
    return 0;
}

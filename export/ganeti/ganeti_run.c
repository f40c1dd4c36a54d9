/* ganeti_run.c - an opcode of ours is a job of the cluster's.
 *
 *     check -> superseded? -> expect T -> job (gjob.h) -> the catalog sees it -> the run's image
 *
 * What the job makes is published by it, under a name that is not whole for a moment, and is known
 * to the catalog before the run says that it has ended.  Its T is what was promised, since the
 * first who sees it knows what to expect (gknown.h); should another export of that instance have
 * come in between after all, that one has it, and who waits for the run gets an error rather than
 * another T.
 *
 * Copies are removed by the cluster's own job when all of them go and it can be asked for that,
 * else by us, one directory at a time, not while an export of that instance is under way.
 */
#include "export/ganeti/ganeti_internal.h"
#include "export/ganeti/gjob_parts.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define POLL_MS 1000

struct ganeti_export {
    struct ganeti *g;
    const struct lu_run *outer;
    char *name, *target;
    bool expects;
};

/* --- what the job is told of its run --- */

static void on_feedback(void *arg, const char *message)
{
    const struct lu_run *run = ((struct ganeti_export *)arg)->outer;

    if (run->feedback)
        run->feedback(run->arg, message);
}

static void on_phase(void *arg, const char *phase)
{
    const struct lu_run *run = ((struct ganeti_export *)arg)->outer;

    if (run->phase)
        run->phase(run->arg, phase);
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    const struct lu_run *run = ((struct ganeti_export *)arg)->outer;

    if (run->progress)
        run->progress(run->arg, done, total);
}

/* The T is what the run says when it has been asked this. */
static bool on_superseded(void *arg)
{
    struct ganeti_export *x = arg;

    if (x->outer->superseded && x->outer->superseded(x->outer->arg))
        return true;
    if (x->outer->image_t) {
        x->expects = true;
        gknown_expect(x->g->known, x->name, x->outer->image_t);
    }
    return false;
}

static bool on_commit(void *arg)
{
    const struct lu_run *run = ((struct ganeti_export *)arg)->outer;

    return !run->commit || run->commit(run->arg);
}

/* --- after the job --- */

/* Whoever follows the run reads from what was published. */
static int serve(struct ganeti_export *x, const char *node, const struct catalog_export *e,
                 struct err *err)
{
    struct image *img = NULL, *waits = x->outer->image;
    int r;

    if (!waits)
        return 0;
    if (x->outer->image_t && e->info->id.t != x->outer->image_t) {
        err_exec(err, "Another export of '%s' came first; read it anew", x->name);
        image_fail(waits, err);
        return 0;
    }
    r = ganeti_image(&x->g->base, node, e, true, &img, err);
    if (r == 0 && (r = image_become(waits, img)) < 0)
        err_sys(err, r, "The export of '%s'", x->name);
    image_unref(img);
    return r;
}

static int take(struct ganeti_export *x, const struct gjob_end *end, struct err *err)
{
    const char *node = *end->target ? end->target : x->target;
    struct catalog *cat;
    const struct catalog_export *e;
    int r = catalog_refresh(x->g->catalog, node, x->name, err);

    if (r < 0)
        return err_prefix(err, "The job has ended well, but its export cannot be read");
    cat = catalog_get(x->g->catalog);
    e = catalog_find(cat, node, x->name);
    if (e && e->complete)
        r = serve(x, node, e, err);
    else
        r = err_exec(err, "Job %lld has ended well, but there is no complete export of '%s' on %s",
                     (long long)end->id, x->name, node);
    catalog_unref(cat);
    return r;
}

/* Its own order of checks may have left the instance stopped (spec §12 L7). */
static void tell_if_stopped(struct ganeti_export *x, struct err *err)
{
    CLEANUP_MODEL struct model *m = gmodel_get(x->g->models);
    const struct model_instance *mi = model_find_instance(m, x->name);
    size_t len = strlen(err->text);
    struct err ignored;

    if (!mi || mi->error || mi->admin_state != ADMIN_UP ||
        glive_look(x->g->live, x->name, &ignored) < 0 || glive_running(x->g->live, x->name) != 0)
        return;
    snprintf(err->text + len, sizeof err->text - len,
             "; Ganeti has left the instance stopped (ERROR_down)");
}

/* --- exports --- */

static int ready(struct ganeti_export *x, const struct opcode *op, struct err *err)
{
    CLEANUP_MODEL struct model *m = gmodel_get(x->g->models);
    const char *name = opcode_get_string(op, "instance_name");
    const char *node = opcode_get_string(op, "target_node");
    const struct model_node *mn = node ? model_expand_node(m, node) : NULL;

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node ? node : "");
    x->name = strdup(name ? name : "");
    x->target = strdup(mn->name);
    return x->name && x->target ? 0 : err_sys(err, -ENOMEM, "job");
}

/* For what "37 %" of a disk is in bytes. */
static void measure(struct ganeti_export *x, struct gjob_options *opt)
{
    CLEANUP_MODEL struct model *m = gmodel_get(x->g->models);
    const struct model_instance *mi = model_find_instance(m, x->name);

    for (; mi && opt->ndisks < mi->ndisks; opt->ndisks++)
        opt->disk_bytes[opt->ndisks] = mi->disks[opt->ndisks].bytes;
}

/* The file in the state directory under which mounts decide whether a job is needed. */
static int make_lock(struct ganeti_export *x, char **ret, struct err *err)
{
    char dir[PATH_MAX];

    snprintf(dir, sizeof dir, "%s/submit", x->g->base.state_dir);
    if (asprintf(ret, "%s/%s", dir, x->name) < 0) {
        *ret = NULL;
        return err_sys(err, -ENOMEM, "job");
    }
    return mkdir(dir, 0700) < 0 && errno != EEXIST ? err_sys(err, -errno, "%s", dir) : 0;
}

/* As the job's, which has failed if any disk had (spec §6.6). */
static void set_result(struct lu_result *result, bool dry, unsigned ndisks)
{
    *result = (struct lu_result){.nothing = dry, .fin_resu = !dry};
    for (; !dry && result->ndisks < ndisks; result->ndisks++)
        result->disks[result->ndisks] = true;
}

static int run_export(struct ganeti *g, const struct lu_run *run, struct opcode *op,
                      struct lu_result *result, struct err *err)
{
    struct ganeti_export x = {.g = g, .outer = run};
    const struct gmodel_cluster *about = gmodel_cluster(g->models);
    struct gjob_options opt = {.major = about->major, .minor = about->minor};
    struct gjob_end end = {0};
    struct lu_run inner = *run;
    bool dry = opcode_get_bool(op, "dry_run");
    CLEANUP_FREE char *lock = NULL;
    int r = ready(&x, op, err);

    inner.arg = &x;
    inner.feedback = on_feedback;
    inner.phase = on_phase;
    inner.progress = on_progress;
    inner.superseded = on_superseded;
    inner.commit = on_commit;
    opt.may_be_shared = !dry && !opcode_get_bool(op, "remove_instance");
    if (r == 0)
        r = make_lock(&x, &lock, err);
    if (r == 0) {
        opt.lock = lock;
        measure(&x, &opt);
        r = gjob_run(g->rapi, &opt, &inner, op, g->opt.stall_s, &end, err);
    }
    if (r == 0 && !dry)
        r = take(&x, &end, err);
    else if (r < 0 && r != -EALREADY && r != -ECANCELED)
        tell_if_stopped(&x, err);
    if (x.expects)
        gknown_unexpect(g->known, x.name, run->image_t);
    if (x.name)
        ganeti_refresh(&g->base, x.name);
    if (r == 0)
        set_result(result, dry, opt.ndisks);
    free(x.name);
    free(x.target);
    return r;
}

/* --- removals --- */

/* How many copies of it there are, on nodes that can be asked. */
static unsigned count_copies(struct ganeti *g, const char *name)
{
    struct catalog *cat = catalog_get(g->catalog);
    unsigned n = 0;

    for (size_t i = 0; i < cat->n; i++)
        n += catalog_find(cat, cat->nodes[i].name, name) != NULL;
    catalog_unref(cat);
    return n;
}

/* An export that is under way may be about to put another in its place. */
static int wait_for_exports(struct ganeti *g, const struct lu_run *run, const char *name,
                            struct err *err)
{
    for (;;) {
        int64_t job = gjob_find_export(g->rapi, name, err);

        if (job <= 0)
            return (int)job;
        if (run->phase)
            run->phase(run->arg, "waiting for an export that is under way");
        if (cancel_sleep(run->cancel, POLL_MS) < 0)
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled");
    }
}

static int remove_copy(struct ganeti *g, const struct lu_run *run, const char *node,
                       const char *name, struct err *err)
{
    CLEANUP_MODEL struct model *m = gmodel_get(g->models);
    const struct model_node *mn = model_expand_node(m, node);
    int r;

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    r = wait_for_exports(g, run, name, err);
    if (r < 0)
        return r;
    gjob_say(run, "Removing the export of %s on %s", name, mn->name);
    r = gnode_ops.export_remove(g->nodes, mn, name, run->copy, err);
    if (r == -ENOENT || r == -ESTALE)
        gjob_say(run, "It is not there any more");
    return r == -ENOENT || r == -ESTALE ? 0 : r; /* what was meant is gone */
}

static int run_remove(struct ganeti *g, const struct lu_run *run, struct opcode *op,
                      struct lu_result *result, struct err *err)
{
    const struct gmodel_cluster *about = gmodel_cluster(g->models);
    struct gjob_options opt = {.major = about->major, .minor = about->minor};
    const char *name = opcode_get_string(op, "instance_name");
    const char *node = opcode_get_string(op, "node_name");
    struct gjob_end end;
    int r = -EOPNOTSUPP;

    if (!name)
        return err_prereq(err, ECODE_INVAL, "No name of an export");
    if (!node || count_copies(g, name) <= 1)
        r = gjob_run(g->rapi, &opt, run, op, g->opt.stall_s, &end, err);
    if (r == -EOPNOTSUPP && node)
        r = remove_copy(g, run, node, name, err);
    ganeti_refresh(&g->base, name);
    if (r == 0)
        *result = (struct lu_result){.nothing = true};
    return r;
}

int ganeti_run(struct cluster *c, const struct lu_run *run, struct opcode *op,
               struct lu_result *result, struct err *err)
{
    const char *op_id = opcode_description(op)->op_id;
    int r = opcode_validate(op, err);

    if (r < 0)
        return r;
    if (run->written)
        return ganeti_write(ganeti(c), run, op, result, err);
    if (!strcmp(op_id, "OP_BACKUP_EXPORT"))
        return run_export(ganeti(c), run, op, result, err);
    if (!strcmp(op_id, "OP_BACKUP_REMOVE"))
        return run_remove(ganeti(c), run, op, result, err);
    return err_set(err, ERR_PROGRAMMER, ECODE_NONE, EIO, "no job for %s", op_id);
}

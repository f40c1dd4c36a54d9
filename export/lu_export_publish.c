/* lu_export_publish.c - tasklet 2 of an export: the stage becomes the export, with its checksums.
 *
 *   all dumps hashed while copying      a dump was cloned
 *     XXH128SUMS into the stage           exchange
 *     exchange                            hash what is not hashed, XXH128SUMS into the export
 *
 * A clone is there at once, and readers shall have it at once; hashing reads all of it.  A request
 * to stop is honoured up to the exchange; later it only ends the hashing, and the export stays
 * without XXH128SUMS, as a foreign one.
 */
#include "export/lu_export.h"

static bool all_hashed(const struct lu_export *x)
{
    for (unsigned j = 0; j < x->ndumps; j++)
        if (!x->hashed[j])
            return false;
    return true;
}

static int format_sums(const struct lu_export *x, char **text, size_t *len, struct err *err)
{
    int r = sums_format(x->sums, 1 + x->ndumps, text, len);

    return r < 0 ? err_sys(err, r, SUMS_FILE) : 0;
}

static int tell_image(struct lu_export *x, const char *text, size_t len, struct err *err)
{
    int r = x->lu.run->image ? image_set_sums(x->lu.run->image, text, len) : 0;

    return r < 0 ? err_sys(err, r, SUMS_FILE) : 0;
}

static int stage_sums(struct lu_export *x, struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = format_sums(x, &text, &len, err);

    if (r == 0)
        r = lu_export_stage_file(x, SUMS_FILE, text, len, err);
    return r < 0 ? r : tell_image(x, text, len, err);
}

static int exchange(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    int r;

    lu_phase(&x->lu, "publishing");
    lu_feedback(&x->lu, "Finalizing export on %s", x->target);
    if (!x->t)
        x->t = lu_export_choose_t(x);
    x->journal.parts[0].t = x->t;
    r = lu_export_note(x, err);
    if (r < 0) {
        x->journal.parts[0].t = 0;
        return r;
    }
    r = env->nodes->finalize_export(env->node_ctx, STEAL(x->stage), x->t, &x->fresh, err);
    /* also after a failure: it may have happened behind the exchange */
    env->ops->export_changed(env->arg, x->target, x->instance);
    if (r < 0)
        return err_prefix(err, "Export failed, errors in export finalization");
    if (x->lu.run->image)
        image_publish(x->lu.run->image);
    return 0;
}

struct hash_progress {
    struct lu_export *x;
    uint64_t before;
};

static void progressed(void *arg, uint64_t watermark)
{
    struct hash_progress *p = arg;
    const struct lu_run *run = p->x->lu.run;

    if (run->progress)
        run->progress(run->arg, p->before + watermark, p->x->total);
}

static int hash_rest(struct lu_export *x, struct err *err)
{
    struct hash_progress p = {x, 0};
    struct copy_job job = {.dst = -1,
                           .cancel = x->lu.run->cancel,
                           .throttle = x->lu.env->throttle,
                           .progress = progressed,
                           .arg = &p};

    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        int r = 0;

        job.src = x->dst_fd[j];
        job.bytes = x->inst->disks[j].bytes;
        if (!x->hashed[j]) {
            lu_phase(&x->lu, "hashing disk/%u", j);
            r = lowly_copy(&x->lu.env->lowly, &job, &x->sums[1 + j].digest, err);
        }
        if (r == -ECANCELED)
            return r;
        if (r < 0)
            return err_prefix(err, "published, but hashing disk/%u failed", j);
        x->hashed[j] = true;
        p.before += job.bytes;
    }
    return 0;
}

static int make_sums(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = hash_rest(x, err);

    if (r == 0)
        r = format_sums(x, &text, &len, err);
    if (r == 0)
        r = env->nodes->export_add_file(env->node_ctx, x->dst, x->instance, &x->fresh, SUMS_FILE,
                                        text, len, x->t, err);
    if (r < 0)
        return r;
    env->ops->export_changed(env->arg, x->target, x->instance);
    return tell_image(x, text, len, err);
}

/* Whoever waits for the checksums must not do so for ever. */
static int add_sums(struct lu_export *x, struct err *err)
{
    int r = lu_failed(make_sums(x, err), err);

    if (r < 0 && x->lu.run->image)
        image_fail(x->lu.run->image, err);
    return r;
}

static void set_result(struct lu_export *x)
{
    x->lu.result.fin_resu = true;
    x->lu.result.ndisks = x->ndumps;
    for (unsigned j = 0; j < x->ndumps; j++)
        x->lu.result.disks[j] = true;
}

int lu_export_publish(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    bool early = all_hashed(x);
    int r = early ? stage_sums(x, err) : 0;

    if (r == 0)
        r = lu_commit(lu, err);
    if (r == 0)
        r = exchange(x, err);
    if (r == 0 && !early)
        r = add_sums(x, err);
    if (r == 0)
        set_result(x);
    return r;
}

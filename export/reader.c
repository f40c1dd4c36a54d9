/* reader.c - handles on one version of an image.  See jobs.h; states in jobs_internal.h.
 *
 * A reader opens a version (T).  If that is published its files are opened at once, so that a newer
 * export cannot take them away.  Otherwise the first read joins or starts the run for that T.
 */
#include "export/jobs_internal.h"
#include "export/names.h"
#include "lock/clock.h"

#include <string.h>

#define LOOK_MS 5000

static void link_reader(struct jobs_reader *r)
{
    r->next = r->inst->readers;
    r->pprev = &r->inst->readers;
    if (r->next)
        r->next->pprev = &r->next;
    r->inst->readers = r;
}

static void unlink_reader(struct jobs_reader *r)
{
    *r->pprev = r->next;
    if (r->next)
        r->next->pprev = r->pprev;
}

/* The published image of version t that somebody here has open already, referenced. */
static struct image *shared_image(struct job_inst *inst, int64_t t)
{
    for (struct jobs_reader *r = inst->readers; r; r = r->next)
        if (r->t == t && r->image)
            return image_ref(r->image);
    return NULL;
}

/* Opens version t if it is the current export: 1 opened, 0 it is another, -errno. */
static int open_current(struct jobs *j, const char *instance, int64_t t, struct image **ret,
                        struct err *err)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct catalog_node *cn;
    const struct catalog_export *e = catalog_current(cat, instance, &cn);
    int r = 0;

    if (e && e->info->id.t == t && jobs_serves(j, e)) {
        r = j->cluster->ops->open(j->cluster, cn->name, e, true, ret, err);
        r = r < 0 ? r : 1;
    }
    catalog_unref(cat);
    return r;
}

/* Opening it looks at the instance's disks first. */
static bool looks(struct jobs *j, const char *instance, int64_t t, char *lane)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_instance *mi = model_find_instance(m, instance);
    struct jobs_view view;

    if (!mi || jobs_view(j, instance, &view) < 0 || view.t != t || view.fresh != FRESH_UNCHANGED)
        return false;
    snprintf(lane, NAMES_MAX + 1, "disks of %.*s", NAMES_MAX - 9, mi->primary_node);
    return true;
}

bool jobs_may_hang(struct jobs *j, const char *instance, int64_t t, char *lane)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct catalog_node *cn;
    const struct catalog_export *e = catalog_current(cat, instance, &cn);
    bool may = e && e->info->id.t == t && cn->space.remote;

    if (may)
        snprintf(lane, NAMES_MAX + 1, "%s", cn->name);
    catalog_unref(cat);
    return may || looks(j, instance, t, lane);
}

/* What rests on the disks' being as they were is looked at anew before it is believed; disks that
 * cannot be looked at prove nothing. */
static int view_now(struct jobs *j, const char *instance, struct jobs_view *ret)
{
    int r = jobs_view(j, instance, ret);

    if (r < 0 || ret->fresh != FRESH_UNCHANGED)
        return r;
    if (j->cluster->ops->look(j->cluster, instance, LOOK_MS) < 0)
        fresh_doubt(j, instance);
    return jobs_view(j, instance, ret);
}

/* What is shown is what this mount knew last. */
static bool is_used_up(struct jobs_reader *r)
{
    pthread_mutex_lock(&r->jobs->mu);
    bool running = r->inst->run != NULL;
    pthread_mutex_unlock(&r->jobs->mu);
    return !running && fresh_is_used_up(r->jobs, r->inst, r->t);
}

int jobs_reader_open(struct jobs *j, const char *instance, int64_t t, struct jobs_reader **ret,
                     struct err *err)
{
    struct jobs_reader *r = calloc(1, sizeof *r);
    struct jobs_view view;
    int e = 0;

    if (!r)
        return err_sys(err, -ENOMEM, "reader");
    r->jobs = j;
    r->t = t;

    pthread_mutex_lock(&j->mu);
    r->inst = jobs_inst(j, instance);
    if (r->inst)
        r->image = shared_image(r->inst, t);
    pthread_mutex_unlock(&j->mu);
    if (!r->inst) {
        free(r);
        return err_sys(err, -ENOMEM, "reader");
    }
    if (!r->image && (e = view_now(j, instance, &view)) == 0) {
        if (view.t != t || (!view.fresh && is_used_up(r)))
            e = err_set(err, ERR_EXEC, ECODE_NONE, ESTALE, "%s: that version is gone", instance);
        else if (view.fresh)
            e = open_current(j, instance, t, &r->image, err);
    } else if (!r->image) {
        e = err_sys(err, e, "%s", instance);
    }
    if (e < 0) {
        free(r);
        return e;
    }
    LOCK_SCOPE(&j->mu);
    link_reader(r);
    *ret = r;
    return 0;
}

/* jobs->mu held.  1: joined; 0: there is nothing to join; -errno: the run for that version failed,
 * or one failed so lately that readers, who retry, are given its error without another attempt. */
static int join(struct jobs_reader *r, struct err *err)
{
    struct job_inst *inst = r->inst;

    if (inst->run && inst->run->t == r->t) {
        r->run = run_ref(inst->run);
        r->run->readers++;
        return 1;
    }
    if (inst->last && inst->last->state == RUN_FAILED && inst->last->err.class != ERR_CANCELED &&
        (inst->last->t == r->t || time(NULL) < inst->retry_at)) {
        *err = inst->last->err;
        return -err->errnum;
    }
    return hung_refuses(inst, err);
}

/* Starts the run for this version unless another thread was faster. */
static int start(struct jobs_reader *r, struct opcode *op_owned, struct err *err)
{
    struct jobs *j = r->jobs;
    struct run *run;
    int e = 0;

    LOCK_SCOPE(&j->mu);
    if (r->run || r->image || (e = join(r, err)) != 0) {
        opcode_free(op_owned);
        return r->run || r->image || e > 0 ? 0 : e;
    }
    if (j->stopping || r->inst->run || r->inst->promise != r->t || r->t <= r->inst->floor) {
        opcode_free(op_owned);
        return err_set(err, ERR_EXEC, ECODE_NONE, ESTALE, "%s: that version is gone",
                       r->inst->name);
    }
    e = run_new(j, r->inst, op_owned, r->t, NULL, &run);
    if (e < 0)
        return err_sys(err, e, "%s: run", r->inst->name);
    r->run = run_ref(run);
    run->readers = 1;
    return 0;
}

/* Has its version been published since this handle was opened?  1: opened, 0 no, -errno. */
static int take_published(struct jobs_reader *r, struct err *err)
{
    struct image *img = NULL;
    int e = open_current(r->jobs, r->inst->name, r->t, &img, err);

    if (e <= 0)
        return e;
    LOCK_SCOPE(&r->jobs->mu);
    if (r->image)
        image_unref(img);
    else
        r->image = img;
    return 1;
}

int jobs_reader_trigger(struct jobs_reader *r, struct err *err)
{
    struct jobs *j = r->jobs;
    struct opcode *op;
    int e;

    pthread_mutex_lock(&j->mu);
    e = r->run || r->image ? 1 : join(r, err);
    pthread_mutex_unlock(&j->mu);
    if (e != 0)
        return e < 0 ? e : 0;

    if ((e = take_published(r, err)) != 0)
        return e < 0 ? e : 0;
    if ((e = jobs_request(j, r->inst->name, NULL, false, &op, err)) < 0)
        return e;
    e = start(r, op, err);
    /* a whole run of somebody else may have passed since we looked */
    return e == -ESTALE && take_published(r, err) > 0 ? 0 : e;
}

bool jobs_reader_published(struct jobs_reader *r)
{
    LOCK_SCOPE(&r->jobs->mu);
    return r->image ||
           (r->run && (r->run->served || image_state(r->run->image) == IMAGE_PUBLISHED));
}

struct image *jobs_reader_image(struct jobs_reader *r)
{
    LOCK_SCOPE(&r->jobs->mu);
    if (r->image)
        return image_ref(r->image);
    if (!r->run)
        return NULL;
    if (r->run->served)
        return image_ref(r->run->served);
    /* its run had to take another T: not what was opened */
    return r->run->t == r->t ? image_ref(r->run->image) : NULL;
}

bool jobs_reader_whole(struct jobs_reader *r, int file)
{
    CLEANUP_IMAGE struct image *img = jobs_reader_image(r);

    return img && image_state(img) == IMAGE_PUBLISHED && image_is_whole(img, file);
}

/* What it reads from, if there is nothing to wait for but its checksums; jobs->mu held. */
static const struct image *complete(const struct jobs_reader *r)
{
    if (r->image || !r->run)
        return r->image;
    return r->run->served || r->run->state != RUN_DONE ? r->run->served : r->run->image;
}

uint64_t jobs_reader_progress(struct jobs_reader *r)
{
    LOCK_SCOPE(&r->jobs->mu);

    const struct image *img = complete(r);

    if (img)
        return image_life(img);
    if (!r->run)
        return 0;
    if (r->run->waiting)
        return (uint64_t)time(NULL);
    if (r->run->state == RUN_QUEUED)
        return r->jobs->beat;
    /* what it waits for (a hook, a command) has limits of its own, and errors that say more */
    return r->run->beat + cancel_life(&r->run->cancel);
}

unsigned jobs_reader_patience(struct jobs_reader *r, unsigned ms)
{
    int64_t now = clock_ms();

    LOCK_SCOPE(&r->jobs->mu);
    if (!r->run)
        return ms;
    if (!r->run->patience_end)
        r->run->patience_end = now + ms;
    return now < r->run->patience_end ? (unsigned)(r->run->patience_end - now) : 0;
}

/* The T of the export that it reads at `now`; 0: none, or one that is still being made, and may
 * never be: its run keeps that in mind.  jobs->mu held. */
static int64_t t_read(const struct jobs_reader *r, int64_t now)
{
    if (r->image)
        return r->t;
    if (!r->run)
        return 0;
    if (r->run->served)
        return image_t(r->run->served);
    r->run->read_at = now;
    return r->run->committed ? r->run->t : 0;
}

/* Before the bytes are: whoever has them may be gone, and the run cancelled, right after. */
static void note_told(struct jobs_reader *r)
{
    if (atomic_exchange(&r->told, true))
        return;
    LOCK_SCOPE(&r->jobs->mu);
    if (!r->run || r->run->told || r->run->served || image_state(r->run->image) == IMAGE_PUBLISHED)
        return;
    r->run->told = true;
    r->run->told_fd = promise_tell(r->jobs->cluster->state_dir, r->inst->name, r->run->t);
}

void jobs_reader_served(struct jobs_reader *r, uint64_t bytes, bool at_end)
{
    int64_t now = time(NULL);

    note_told(r);
    atomic_fetch_add_explicit(&r->jobs->bytes_read, bytes, memory_order_relaxed);
    if (atomic_exchange_explicit(&r->noted_at, now, memory_order_relaxed) != now) {
        pthread_mutex_lock(&r->jobs->mu);
        int64_t t = t_read(r, now);
        pthread_mutex_unlock(&r->jobs->mu);
        if (t)
            fresh_note_read(r->jobs, r->inst, t, now);
    }
    if (!at_end)
        return;
    LOCK_SCOPE(&r->jobs->mu);
    r->at_end = true;
}

void jobs_was_read(struct jobs *j, const char *instance, int64_t t)
{
    pthread_mutex_lock(&j->mu);
    struct job_inst *inst = jobs_inst(j, instance);
    pthread_mutex_unlock(&j->mu);
    if (inst)
        fresh_note_read(j, inst, t, time(NULL));
}

/* The reader leaves its run; jobs->mu held.  Returns what run_cancel() returns. */
static struct run *leave(struct jobs_reader *r)
{
    struct run *run = r->run;

    if (r->at_end)
        run->linger_until = time(NULL) + r->jobs->opt.linger_s;
    run->readers--;
    run_drop_image(run);
    if (run->readers == 0 && run->committed && !run->touched && run->state == RUN_RUNNING)
        joblog_add(&run->log, "Nobody waits for it any more; it goes on, for it cannot be stopped");
    if (run->readers > 0 || run->touched || run->state >= RUN_DONE || run->committed ||
        (r->at_end && image_is_whole(run->image, IMAGE_TAR)))
        return NULL;
    return run->linger_until > time(NULL) ? NULL : run_cancel(run, "Nobody waits for it any more");
}

void jobs_reader_close(struct jobs_reader *r)
{
    struct jobs *j = r->jobs;
    struct run *unbegun = NULL;

    pthread_mutex_lock(&j->mu);
    unlink_reader(r);
    if (r->run)
        unbegun = leave(r);
    run_unref(r->run);
    pthread_mutex_unlock(&j->mu);
    if (unbegun)
        run_cancelled(unbegun);
    image_unref(r->image);
    free(r);
}

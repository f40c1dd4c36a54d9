/* run.c - one run: made, executed by a worker, cancelled, finished.  States: jobs_internal.h.
 *
 * The LU calls back from the worker's thread (lu_run); each callback takes jobs->mu for a moment to
 * note what status and log show.
 */
#include "export/jobs_internal.h"
#include "export/proof.h"
#include "export/target.h"
#include "lock/cleanup.h"

#include <stdio.h>
#include <string.h>

#define LOOK_MS      1000
#define SLOT_POLL_MS 100

struct run *run_ref(struct run *r)
{
    r->refs++;
    return r;
}

void run_unref(struct run *r)
{
    if (!r || --r->refs > 0)
        return;
    opcode_free(r->op);
    image_unref(r->image);
    image_unref(r->served);
    cancel_destroy(&r->cancel);
    joblog_clear(&r->log);
    if (r->told_fd >= 0)
        close(r->told_fd);
    free(r->target);
    free(r);
}

static uint64_t reservation(struct jobs *j, const struct run *r)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct model_instance *mi = model_find_instance(m, r->inst->name);
    const struct catalog_node *cn = catalog_find_node(cat, r->target);
    uint64_t need = 0;

    if (cn && r->writes)
        need = target_written_need(r->written, &cn->space);
    else if (cn && mi && !mi->error)
        need = target_need(mi, &cn->space);

    catalog_unref(cat);
    return need;
}

int run_new(struct jobs *j, struct job_inst *inst, struct opcode *op_owned, int64_t t,
            struct written *written, struct run **ret)
{
    struct run *r = calloc(1, sizeof *r), **tail = &j->queue;
    const char *target = opcode_get_string(op_owned, "target_node");
    int e;

    if (!r || !(r->target = strdup(target ? target : "")) ||
        (!written && image_new(inst->name, &r->image) < 0) || (e = cancel_init(&r->cancel)) < 0) {
        opcode_free(op_owned);
        if (r) {
            free(r->target);
            image_unref(r->image);
        }
        free(r);
        return -ENOMEM;
    }
    r->told_fd = -1;
    r->refs = 2; /* the queue's and the instance's */
    r->jobs = j;
    r->inst = inst;
    r->id = ++j->next_id;
    r->op = op_owned;
    r->t = t;
    r->written = written;
    r->writes = r->touched = written != NULL;
    r->queued_at = time(NULL);
    snprintf(r->phase, sizeof r->phase, "queued");
    e = share_add(j->cluster->share, r, r->target, reservation(j, r));
    if (e < 0) {
        r->refs = 1;
        run_unref(r);
        return e;
    }
    if (!r->writes) {
        inst->promise = 0;
        inst->run = r;
    }
    while (*tail)
        tail = &(*tail)->next;
    *tail = r;
    pthread_cond_signal(&j->work);
    *ret = r;
    return 0;
}

/* The image of a run that has ended keeps the dumps open, and with them their space and the file
 * system that they lie on: only readers need it from here on.  jobs->mu held. */
void run_drop_image(struct run *r)
{
    if (r->state < RUN_DONE || r->readers > 0)
        return;
    image_unref(STEAL(r->image));
    image_unref(STEAL(r->served));
}

/* With the instance's reference.  A cancelled run may end after the one that followed it, of which
 * there is more to tell.  jobs->mu held. */
static void become_last(struct run *r, int result)
{
    struct job_inst *inst = r->inst;
    struct run **last = r->writes ? &inst->wrote : &inst->last;
    bool failed = result < 0 && result != -ECANCELED;

    if (*last && (*last)->id > r->id) {
        run_unref(r);
        return;
    }
    if (!r->writes)
        inst->retry_at = failed && !r->touched ? r->ended_at + r->jobs->opt.retry_after_s : 0;
    run_unref(*last);
    *last = r;
}

void run_end(struct run *r, int result, const struct err *err)
{
    struct jobs *j = r->jobs;
    struct job_inst *inst = r->inst;

    share_drop(j->cluster->share, r); /* first, for who hears of a failure may try again at once */
    if (r->image && image_state(r->image) != IMAGE_PUBLISHED)
        image_fail(r->image, err); /* wakes its readers, who may go on with r->served */

    pthread_mutex_lock(&j->mu);
    j->beat++;
    r->ended_at = time(NULL);
    r->state = result < 0 ? RUN_FAILED : RUN_DONE;
    if (result < 0)
        r->err = *err;
    snprintf(r->phase, sizeof r->phase, "%s", result < 0 ? "failed" : "finished");
    if (result == -ECANCELED)
        j->runs_canceled++;
    else if (result < 0)
        j->runs_failed++;
    else if (r->superseded)
        j->runs_superseded++;
    else
        j->runs_ok++;
    if (result == 0)
        j->bytes_copied += r->total;
    if (result < 0 && result != -ECANCELED)
        fresh_retire(j, inst, r->t);
    else if (result == 0 && inst->floor < r->t)
        inst->floor = r->t;
    if (r->told_fd >= 0 && result == 0)
        teller_keep(j, STEAL_FD(r->told_fd));
    else if (r->told_fd >= 0)
        close(STEAL_FD(r->told_fd));
    if (inst->run == r)
        inst->run = NULL;
    if (inst->ending == r)
        inst->ending = NULL;
    for (struct run **p = &j->begun; *p; p = &(*p)->next) {
        if (*p == r) {
            *p = r->next;
            break;
        }
    }
    run_drop_image(r);
    become_last(r, result);
    pthread_mutex_unlock(&j->mu);
    if (r->ended)
        r->ended(r->ended_arg, result, err);
}

struct run *run_cancel(struct run *r, const char *why)
{
    struct jobs *j = r->jobs;
    struct job_inst *inst = r->inst;

    if (r->state == RUN_DONE || r->state == RUN_FAILED || cancel_requested(&r->cancel))
        return NULL;
    joblog_add(&r->log, why);
    cancel_request(&r->cancel);
    if (r->waiting)
        lock_cancel(r->waiting);
    /* Nobody joins it from here on.  What it promised was not published, so the promise stands,
     * unless somebody has bytes of it: another run makes others. */
    if (inst->run == r) {
        inst->run = NULL;
        if (r->told && !r->committed)
            fresh_retire(j, inst, r->t);
        else if (inst->promise == 0)
            inst->promise = r->t;
    }
    for (struct run **p = &j->queue; *p; p = &(*p)->next) {
        if (*p == r) {
            *p = r->next;
            return r;
        }
    }
    return NULL; /* a worker has it: the LU notices, rolls back and ends the run */
}

static void run_end_cancelled(struct run *r)
{
    struct err err;
    int e = err_set(&err, ERR_CANCELED, ECODE_NONE, ECANCELED, "canceled before it began");

    write_drop(r);
    run_end(r, e, &err);
}

void run_cancelled(struct run *r)
{
    struct jobs *j = r->jobs;

    run_end_cancelled(r);
    LOCK_SCOPE(&j->mu);
    run_unref(r);
}

/* Other mounts of the cluster have their share of the slots, too.  False: it was cancelled. */
static bool wait_for_slot(struct run *r)
{
    struct jobs *j = r->jobs;

    while (!cancel_requested(&r->cancel)) {
        if (share_begin(j->cluster->share, r, j->opt.max_jobs))
            return true;
        /* its readers wait as long as anything may still move elsewhere */
        pthread_mutex_lock(&j->mu);
        j->beat++;
        pthread_mutex_unlock(&j->mu);
        cancel_sleep(&r->cancel, SLOT_POLL_MS);
    }
    return false;
}

/* --- what the LU calls, from the worker's thread --- */

/* jobs->mu held. */
static void beat(struct run *r)
{
    r->beat = ++r->jobs->beat;
}

static void on_lock_owner(void *arg, struct lock_owner *o)
{
    struct run *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    beat(r);
    r->waiting = o;
    if (o && cancel_requested(&r->cancel))
        lock_cancel(o);
}

static void on_feedback(void *arg, const char *message)
{
    struct run *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    beat(r);
    joblog_add(&r->log, message);
}

static void on_phase(void *arg, const char *phase)
{
    struct run *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    beat(r);
    if (r->hung)
        return;
    snprintf(r->phase, sizeof r->phase, "%s", phase);
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
    struct run *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    beat(r);
    if (r->copy_start.tv_sec == 0)
        clock_gettime(CLOCK_MONOTONIC, &r->copy_start);
    r->done = done;
    r->total = total;
    if (r->readers == 0 && !r->touched && !r->committed && time(NULL) >= r->linger_until)
        run_cancel(r, "Nobody has come back for it");
}

static int64_t current_t(const struct run *r)
{
    struct catalog *cat = r->jobs->cluster->ops->catalog(r->jobs->cluster);
    const struct catalog_export *e = catalog_current(cat, r->inst->name, NULL);
    int64_t t = e ? e->info->id.t : 0;

    catalog_unref(cat);
    return t;
}

static bool on_commit(void *arg)
{
    struct run *r = arg;
    int64_t current = r->writes ? current_t(r) : 0;

    pthread_mutex_lock(&r->jobs->mu);
    bool committed = r->committed = !cancel_requested(&r->cancel);
    int64_t read_at = r->read_at;

    if (committed && r->writes)
        write_take_t(r, current);
    pthread_mutex_unlock(&r->jobs->mu);
    /* who has followed it so far has read what is published now */
    if (committed && read_at)
        fresh_note_read(r->jobs, r->inst, r->t, read_at);
    return committed;
}

/* The T that it will publish under, after `current`.  jobs->mu held. */
static void take_t(struct run *r, int64_t current, bool used_up)
{
    if (r->t <= current)
        r->t = current + 1;
    else if (used_up)
        r->t =
            promise_make(r->jobs->cluster->state_dir, r->inst->name, r->inst->floor, 0, INT64_MAX);
}

/* With all locks held: a reader wanted version T or something fresh, and somebody else (another
 * mount, a run that could not be cancelled any more) may just have made it; a touch wants its own.
 * A T that was published meanwhile is not used twice, nor one of which another mount's run, dead or
 * cancelled by now, has handed something out: who reads for that T gets an error. */
static bool on_superseded(void *arg)
{
    struct run *r = arg;
    struct jobs *j = r->jobs;

    cancel_alive(&r->cancel);
    j->cluster->ops->refresh(j->cluster, r->inst->name); /* with a limit of its own */
    cancel_alive(&r->cancel);

    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct catalog_node *cn;
    const struct catalog_export *e = catalog_current(cat, r->inst->name, &cn);
    struct image *img = NULL;
    struct err err;
    bool used_up = fresh_is_used_up(j, r->inst, r->t);

    pthread_mutex_lock(&j->mu);
    bool serve =
        e && !r->touched && jobs_serves(j, e) && (r->t == e->info->id.t || fresh_by_age(j, e));
    pthread_mutex_unlock(&j->mu);

    if (serve && j->cluster->ops->open(j->cluster, cn->name, e, true, &img, &err) < 0)
        img = NULL; /* then make a new one */
    pthread_mutex_lock(&j->mu);
    if (img)
        r->served = img;
    else
        take_t(r, e ? e->info->id.t : 0, used_up);
    r->superseded = img != NULL;
    r->lu->image_t = r->t;
    r->t_fixed = true;
    pthread_mutex_unlock(&j->mu);
    catalog_unref(cat);
    return img != NULL;
}

/* What was made may have been made for readers only, and from an instance that was at rest from
 * before the copy until now: then it stays fresh as long as that rests. */
static void note_made(struct run *r, const struct proof *before, int64_t since)
{
    struct jobs *j = r->jobs;
    struct proof now;
    bool proven = before && fresh_proof(j, r->inst->name, since, &now) && proof_same(before, &now);

    pthread_mutex_lock(&j->mu);
    r->inst->proof_t = proven ? r->t : 0;
    if (proven)
        r->inst->proof = now;
    promise_note_made(j->cluster->state_dir, r->inst->name, r->t, !r->touched,
                      proven ? &now : NULL);
    pthread_mutex_unlock(&j->mu);
}

static void make_label(const struct run *r, char *label, size_t size)
{
    char *summary = NULL;

    if (opcode_summary(r->op, &summary) < 0)
        summary = NULL;
    snprintf(label, size, "job %llu %s", (unsigned long long)r->id,
             summary ? summary : opcode_description(r->op)->op_id);
    free(summary);
}

/* What the log and the readers are told of how the LU ended.  0 or -errno for run_end(). */
static int conclude(struct run *r, int e, const struct lu_result *result, struct err *err)
{
    char *text = NULL;

    if (e == 0 && lu_result_format(result, &text) == 0) {
        char line[300];

        snprintf(line, sizeof line, "Result: %s", text);
        on_feedback(r, line);
    }
    free(text);
    if (e == 0 && result->nothing) /* a dry run: nobody gets an image from it */
        err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "dry run: nothing was exported");
    if (e != -EALREADY)
        return e;
    on_feedback(r, "A fresh export was made meanwhile; it is served");
    err_set(err, ERR_CANCELED, ECODE_NONE, ESTALE, "superseded by another export");
    return 0;
}

/* The worker has done with it.  False: it had been given up as hung. */
static bool ended(struct run *r)
{
    LOCK_SCOPE(&r->jobs->mu);
    r->over = true;
    return !r->hung;
}

static void execute(struct run *r)
{
    struct jobs *j = r->jobs;
    int64_t since = time(NULL);
    struct proof before;
    bool at_rest = !r->writes && fresh_proof(j, r->inst->name, since, &before);
    char label[400];
    struct lu_result result = {0};
    struct err err = {0};
    struct lu_run lr = {
        .arg = r,
        .cancel = &r->cancel,
        .label = label,
        .lock_owner = on_lock_owner,
        .feedback = on_feedback,
        .phase = on_phase,
        .progress = on_progress,
        .superseded = r->writes ? write_superseded : on_superseded,
        .commit = on_commit,
        /* it may outlive its readers and the run's own (hung.c) */
        .image = r->image ? image_ref(r->image) : NULL,
        .written = r->written,
    };

    make_label(r, label, sizeof label);
    pthread_mutex_lock(&j->mu);
    r->lu = &lr;
    lr.image_t = r->t;
    r->state = RUN_RUNNING;
    r->started_at = time(NULL);
    pthread_mutex_unlock(&j->mu);

    int e = j->cluster->ops->run(j->cluster, &lr, r->op, &result, &err);

    e = conclude(r, e, &result, &err);
    if (e == 0 && !r->superseded && !result.nothing)
        note_made(r, at_rest ? &before : NULL, since);
    /* a disk that grew during the run: the next promise must know */
    if (!r->writes)
        j->cluster->ops->look(j->cluster, r->inst->name, LOOK_MS);
    write_drop(r);
    if (ended(r))
        run_end(r, e, &err);
    else
        hung_came_back(r, e);
    image_unref(lr.image);
    lu_result_clear(&result);
}

void run_execute(struct run *r)
{
    if (wait_for_slot(r))
        execute(r);
    else if (ended(r))
        run_end_cancelled(r);
    else {
        write_drop(r);
        hung_came_back(r, -ECANCELED);
    }
}

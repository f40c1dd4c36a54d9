/* jobs.c - the queue of runs and the threads that work it off.
 *
 * max_jobs threads wait for the queue, first in first out; one that hangs is replaced (hung.c).
 * Nothing else here blocks: whoever wants
 * an export queues a run (run.c) and looks at its image.  States and invariants: jobs_internal.h.
 */
#include "export/jobs_internal.h"

#include "export/thread.h"

#include <string.h>
#include <xxhash.h>

#define MOST_JOBS       64
#define DEFAULT_STALL_S 300

int jobs_open(struct cluster *c, const struct jobs_options *opt, struct jobs **ret, struct err *err)
{
    struct jobs *j = calloc(1, sizeof *j);
    pthread_condattr_t attr;

    if (j && opt->target_node)
        j->target_node = strdup(opt->target_node);
    if (!j || (opt->target_node && !j->target_node)) {
        free(j);
        return err_sys(err, -ENOMEM, "jobs");
    }
    j->opt = *opt;
    if (j->opt.max_jobs < 1 || j->opt.max_jobs > MOST_JOBS)
        j->opt.max_jobs = 2;
    if (j->opt.stall_s < 1)
        j->opt.stall_s = DEFAULT_STALL_S;
    j->cluster = c;
    j->bwlimit = throttle_rate(c->throttle);
    j->started_at = time(NULL);
    pthread_mutex_init(&j->mu, NULL);
    pthread_cond_init(&j->work, NULL);
    pthread_cond_init(&j->stop, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&j->worker_ended, &attr);
    pthread_condattr_destroy(&attr);
    *ret = j;
    return 0;
}

/* jobs->mu held: takes the first run of the queue through, and again has it when it returns. False:
 * it hung, and another worker is in this one's place. */
static bool work(struct jobs *j)
{
    struct run *r = j->queue;

    j->queue = r->next; /* the queue's reference is ours now */
    r->next = j->begun;
    j->begun = r;
    pthread_mutex_unlock(&j->mu);
    run_execute(r);
    pthread_mutex_lock(&j->mu);

    bool hung = r->hung;

    run_unref(r);
    return !hung;
}

static void *worker(void *arg)
{
    struct jobs *j = arg;
    bool ours = true;

    pthread_mutex_lock(&j->mu);
    while (ours && !j->stopping) {
        if (j->queue)
            ours = work(j);
        else
            pthread_cond_wait(&j->work, &j->mu);
    }
    if (ours)
        j->nworkers--;
    else
        j->nhung--;
    pthread_cond_broadcast(&j->worker_ended);
    pthread_mutex_unlock(&j->mu);
    return NULL;
}

int jobs_start_workers(struct jobs *j)
{
    while (!j->stopping && j->nworkers < j->opt.max_jobs) {
        int r = thread_detached(worker, j);

        if (r < 0)
            return r;
        j->nworkers++;
    }
    return 0;
}

/* A promise that this mount shows may be used up by another's run. */
static void noted(void *arg, const char *instance)
{
    struct jobs *j = arg;
    struct job_inst *inst;
    int64_t promise;

    pthread_mutex_lock(&j->mu);
    inst = jobs_inst_find(j, instance);
    promise = inst && !inst->run ? inst->promise : 0;
    pthread_mutex_unlock(&j->mu);
    if (promise)
        fresh_is_used_up(j, inst, promise);
}

int jobs_start(struct jobs *j)
{
    int r;

    j->cluster->noted = noted;
    j->cluster->noted_arg = j;
    r = j->cluster->ops->start(j->cluster);
    if (r < 0)
        return r;
    pthread_mutex_lock(&j->mu);
    r = jobs_start_workers(j);
    pthread_mutex_unlock(&j->mu);
    if (r == 0)
        r = hung_start(j);
    return r < 0 ? r : keep_start(j);
}

static void cancel_all(struct jobs *j)
{
    static const char unmounted[] = "the file system is being unmounted";
    struct run *unbegun = NULL;

    pthread_mutex_lock(&j->mu);
    j->stopping = true;
    for (size_t h = 0; h < JOBS_HASH; h++)
        for (struct job_inst *i = j->insts[h]; i; i = i->next) {
            struct run *r = i->run ? run_cancel(i->run, unmounted) : NULL;

            if (r) {
                r->next = unbegun;
                unbegun = r;
            }
            if (i->ending)
                run_cancel(i->ending, unmounted);
        }
    write_cancel_all(j, unmounted, &unbegun);
    pthread_cond_broadcast(&j->work);
    pthread_mutex_unlock(&j->mu);
    while (unbegun) {
        struct run *r = unbegun;

        unbegun = r->next;
        run_cancelled(r);
    }
}

bool jobs_stop(struct jobs *j)
{
    cancel_all(j);

    bool ended = keep_stop(j);

    ended = hung_stop(j) && ended;
    return removal_stop(j) && ended;
}

void jobs_close(struct jobs *j)
{
    if (!j)
        return;
    if (!j->stopping && !jobs_stop(j))
        return;
    cluster_close(j->cluster);
    pthread_mutex_lock(&j->mu);
    teller_expire(j, true);
    for (size_t h = 0; h < JOBS_HASH; h++) {
        while (j->insts[h]) {
            struct job_inst *i = j->insts[h];

            j->insts[h] = i->next;
            run_unref(i->run);
            run_unref(i->last);
            run_unref(i->wrote);
            model_instance_unref(i->predicted_for);
            model_instance_unref(i->config_for);
            free(i->refused);
            free(i->name);
            free(i);
        }
    }
    removal_free(j);
    pthread_mutex_unlock(&j->mu);
    pthread_mutex_destroy(&j->mu);
    pthread_cond_destroy(&j->work);
    pthread_cond_destroy(&j->stop);
    pthread_cond_destroy(&j->worker_ended);
    free(j->target_node);
    free(j->params_of_none);
    free(j);
}

struct cluster *jobs_cluster(struct jobs *j)
{
    return j->cluster;
}

static struct job_inst **slot(struct jobs *j, const char *name)
{
    return &j->insts[XXH3_64bits(name, strlen(name)) % JOBS_HASH];
}

struct job_inst *jobs_inst_find(struct jobs *j, const char *name)
{
    struct job_inst *i = *slot(j, name);

    while (i && strcmp(i->name, name) != 0)
        i = i->next;
    return i;
}

struct job_inst *jobs_inst(struct jobs *j, const char *name)
{
    struct job_inst **p = slot(j, name), *i = jobs_inst_find(j, name);

    if (i)
        return i;
    i = calloc(1, sizeof *i);
    if (!i)
        return NULL;
    i->name = strdup(name);
    if (!i->name) {
        free(i);
        return NULL;
    }
    i->next = *p;
    *p = i;
    return i;
}

const struct run *jobs_run_shown(struct jobs *j, const struct job_inst *inst)
{
    if (inst->run)
        return inst->run;
    for (const struct run *r = j->begun; r; r = r->next)
        if (r->inst == inst)
            return r; /* the newest of them, for it began last */
    for (const struct run *r = j->queue; r; r = r->next)
        if (r->inst == inst)
            return r;
    return jobs_run_ended(inst);
}

const struct run *jobs_run_ended(const struct job_inst *inst)
{
    return !inst->last || (inst->wrote && inst->wrote->id > inst->last->id) ? inst->wrote
                                                                            : inst->last;
}

void jobs_count(const struct jobs *j, unsigned *queued, unsigned *running)
{
    *queued = *running = 0;
    for (const struct run *r = j->queue; r; r = r->next)
        ++*queued;
    for (const struct run *r = j->begun; r; r = r->next)
        ++*(r->state == RUN_QUEUED ? queued : running);
    removal_count(j, queued, running);
}

/* Only where somebody will look for it: names that are nobody's must not pile up. */
void jobs_refused(struct jobs *j, const char *instance, const struct err *err)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);

    if (!model_find_instance(m, instance))
        return;
    LOCK_SCOPE(&j->mu);

    struct job_inst *i = jobs_inst(j, instance);

    if (i && !i->refused)
        i->refused = malloc(sizeof *i->refused);
    if (!i || !i->refused)
        return;
    *i->refused = *err;
    i->refused_at = time(NULL);
}

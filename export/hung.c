/* hung.c - runs that hang in a node, and the workers that take the place of those that run them.
 *
 * A thread in the kernel cannot be called back.  A run that gives no sign of life (cancel.h) for
 * too long has failed, as far as anybody can see: its readers are told, its slot and its worker's
 * place are given to others, and it is asked to stop.  The thread goes on as soon as the node lets
 * it, rolls back, and ends.  An instance that it has stopped is started again at once.  Until then
 * it holds its locks, for it may yet write to the node: the name's exports are its own, so other
 * exports of that instance are refused meanwhile.
 *
 *     RUNNING --- hang() ---> FAILED, inst->hung ----- hung_came_back() ---> FAILED
 *                                                  |   (it rolled back)
 *                                                  +---------------------> DONE
 *                                                      (it was past the point of no return)
 *
 * The watcher is one thread that looks each second; everything is under jobs->mu.
 */
#include "export/jobs_internal.h"

#include "export/thread.h"
#include "lock/clock.h"

#include <stdio.h>

#define LEAST_S 10 /* a busy machine is no hung node */

/* jobs->mu held. */
static bool hangs(struct run *r, int64_t now, int64_t limit)
{
    uint64_t life = cancel_life(&r->cancel) + r->beat;

    if (r->waiting || life != r->life || r->life_at == 0) {
        r->life = life;
        r->life_at = now;
    }
    return !r->over && !r->hung && now - r->life_at >= limit;
}

/* jobs->mu held; afterwards run_end() has to be called, without it. */
static void hang(struct run *r, int64_t limit, struct err *err)
{
    struct jobs *j = r->jobs;

    err_set(err, ERR_EXEC, ECODE_NONE, ETIMEDOUT,
            "no sign of life for %lld s while %s (node %s?); it goes on, to be rolled back, once "
            "that answers",
            (long long)limit, r->phase, r->target);
    joblog_add(&r->log, err->text);
    run_ref(r);
    r->hung = true;
    r->inst->hung = r;
    cancel_request(&r->cancel);
    j->nhung++;
    j->nworkers--;
}

/* Returns a run that has just been found to hang, referenced; NULL: none.  jobs->mu held. */
static struct run *find(struct jobs *j, struct err *err)
{
    int64_t now = clock_s(), limit = j->opt.stall_s;

    if (limit < LEAST_S || j->stopping)
        limit = LEAST_S;
    for (struct run *r = j->begun; r; r = r->next) {
        if (!hangs(r, now, limit))
            continue;
        hang(r, limit, err);
        return r;
    }
    return NULL;
}

static void *watcher(void *arg)
{
    struct jobs *j = arg;
    struct err err;

    pthread_mutex_lock(&j->mu);
    while (!j->stopping || j->nworkers > 0) {
        struct run *r = find(j, &err);

        if (r) {
            pthread_mutex_unlock(&j->mu);
            run_end(r, -ETIMEDOUT, &err);
            if (j->cluster->ops->rescue)
                j->cluster->ops->rescue(j->cluster, r->inst->name);
            pthread_mutex_lock(&j->mu);
            run_unref(r);
            continue;
        }
        jobs_start_workers(j);
        teller_expire(j, false);

        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&j->worker_ended, &j->mu, &until);
    }
    pthread_mutex_unlock(&j->mu);
    return NULL;
}

int hung_start(struct jobs *j)
{
    int r = thread_start(&j->watcher, watcher, j);

    j->watching = r == 0;
    return r;
}

bool hung_stop(struct jobs *j)
{
    if (j->watching)
        pthread_join(j->watcher, NULL);
    j->watching = false;
    LOCK_SCOPE(&j->mu);
    while (j->nworkers > 0)
        pthread_cond_wait(&j->worker_ended, &j->mu);
    return j->nhung == 0;
}

/* Its promised T was given up; what was published under it all the same is what it is. */
void hung_came_back(struct run *r, int result)
{
    struct jobs *j = r->jobs;

    LOCK_SCOPE(&j->mu);
    r->inst->hung = NULL;
    r->inst->retry_at = 0;
    if (result < 0)
        return;
    r->state = RUN_DONE;
    r->err = (struct err){0};
    snprintf(r->phase, sizeof r->phase, "finished");
    joblog_add(&r->log, "The node has answered, and the export was published after all");
}

int hung_refuses(const struct job_inst *inst, struct err *err)
{
    const struct run *r = inst->hung;

    if (!r)
        return 0;
    return err_set(err, ERR_PREREQ, ECODE_STATE, EBUSY,
                   "An export of %s to %s hangs and cannot be ended (job %llu)", inst->name,
                   r->target, (unsigned long long)r->id);
}

/* removal_run.c - the threads that do removals.  States and locks: removal.c.
 *
 * A thread takes one after the other of its node's, oldest first, and ends when there is none; so
 * there are as many threads of a node as RUNNING removals of it.
 */
#include "export/removal_internal.h"

#include "export/thread.h"

#include <inttypes.h>
#include <string.h>

#define MOST_PER_NODE 4
#define STOP_S        5

/* --- what the LU calls --- */

static void on_lock_owner(void *arg, struct lock_owner *o)
{
    struct removal *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    r->waiting = o;
}

static void on_feedback(void *arg, const char *message)
{
    struct removal *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    joblog_add(&r->log, message);
}

static void on_phase(void *arg, const char *phase)
{
    struct removal *r = arg;

    LOCK_SCOPE(&r->jobs->mu);
    snprintf(r->phase, sizeof r->phase, "%s", phase);
}

/* --- the threads --- */

/* Is there an instance to tell of it? */
static bool has_instance(const struct removal *r)
{
    struct cluster *c = r->jobs->cluster;
    CLEANUP_MODEL struct model *m = c->ops->model(c);

    return model_find_instance(m, r->name);
}

static bool same_place(const struct removal *a, const struct removal *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->node, b->node) == 0;
}

/* r has ended: it takes the place of the one before, or with keep false nothing does.  jobs->mu
 * held. */
static void settle(struct removal *r, bool keep)
{
    struct removal **p = &r->jobs->removals;

    while (*p) {
        if (*p != r && (*p)->state >= RUN_DONE && same_place(*p, r))
            removal_drop(p);
        else
            p = &(*p)->next;
    }
    if (keep)
        return;
    for (p = &r->jobs->removals; *p != r; p = &(*p)->next)
        ;
    removal_drop(p);
}

/* jobs->mu held. */
static void end(struct removal *r, int result, const struct err *err)
{
    struct jobs *j = r->jobs;

    r->state = result < 0 ? RUN_FAILED : RUN_DONE;
    if (result < 0)
        r->err = *err;
    snprintf(r->phase, sizeof r->phase, "%s", result < 0 ? "failed" : "finished");
    j->removals_ok += result == 0;
    j->removals_failed += result < 0;
}

static void execute(struct removal *r)
{
    struct jobs *j = r->jobs;
    char label[600];
    struct lu_result result = {0};
    struct err err = {0};
    struct lu_run run = {
        .arg = r,
        .cancel = &r->cancel,
        .label = label,
        .lock_owner = on_lock_owner,
        .feedback = on_feedback,
        .phase = on_phase,
        .copy = &r->copy,
    };

    snprintf(label, sizeof label, "job %" PRIu64 " BACKUP_REMOVE(%s) on %s", r->id, r->name,
             r->node);

    int e = j->cluster->ops->run(j->cluster, &run, r->op, &result, &err);

    lu_result_clear(&result);
    j->cluster->ops->show(j->cluster, r->node, r->name, &r->copy);
    bool keep = e < 0 || has_instance(r);

    LOCK_SCOPE(&j->mu);
    end(r, e, &err);
    settle(r, keep);
}

/* jobs->mu held: the next one of that node, RUNNING; NULL: none. */
static struct removal *begin(struct jobs *j, const char *node)
{
    for (struct removal *r = j->removals; r; r = r->next) {
        if (r->state != RUN_QUEUED || strcmp(r->node, node) != 0)
            continue;
        r->state = RUN_RUNNING;
        return r;
    }
    return NULL;
}

/* For one node, whose name is ours. */
static void *remover(void *arg)
{
    struct removal *r = arg;
    struct jobs *j = r->jobs;
    char node[NAME_MAX + 1];

    snprintf(node, sizeof node, "%s", r->node);
    while (r) {
        execute(r);
        LOCK_SCOPE(&j->mu);
        r = begin(j, node);
        if (r)
            continue;
        j->nremovers--;
        pthread_cond_broadcast(&j->worker_ended);
    }
    return NULL;
}

static unsigned running_on(const struct jobs *j, const char *node)
{
    unsigned n = 0;

    for (const struct removal *r = j->removals; r; r = r->next)
        n += r->state == RUN_RUNNING && strcmp(r->node, node) == 0;
    return n;
}

int removal_start(struct jobs *j, struct removal *r)
{
    unsigned others = running_on(j, r->node);
    int e;

    if (others >= MOST_PER_NODE)
        return 0;
    r->state = RUN_RUNNING;
    e = thread_detached(remover, r);
    if (e == 0) {
        j->nremovers++;
        return 0;
    }
    r->state = RUN_QUEUED;
    return others ? 0 : e;
}

/* --- the end --- */

/* jobs->mu held: until none has ended for STOP_S. */
static void wait_for_all(struct jobs *j)
{
    uint64_t ended;

    do {
        struct timespec until;

        ended = j->removals_ok + j->removals_failed;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += STOP_S;
        while (j->nremovers > 0 && pthread_cond_timedwait(&j->worker_ended, &j->mu, &until) == 0)
            ;
    } while (j->nremovers > 0 && ended != j->removals_ok + j->removals_failed);
}

bool removal_stop(struct jobs *j)
{
    struct err err;

    err_set(&err, ERR_CANCELED, ECODE_NONE, ECANCELED, "the file system was unmounted");
    LOCK_SCOPE(&j->mu);
    wait_for_all(j);
    for (struct removal *r = j->removals; r; r = r->next) {
        if (r->state == RUN_QUEUED)
            end(r, -ECANCELED, &err);
        cancel_request(&r->cancel);
        if (r->state == RUN_RUNNING && r->waiting)
            lock_cancel(r->waiting);
    }
    wait_for_all(j);
    return j->nremovers == 0;
}

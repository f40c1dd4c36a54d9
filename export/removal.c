/* removal.c - jobs that remove one copy of an export from one node (rm with -o manage).
 *
 *            jobs_remove()            begin()             execute(), end()
 *     (none) ------------> QUEUED ------------> RUNNING ------------------> DONE
 *                             |                    |
 *                             | removal_stop()     | refused, failed, or stopped
 *                             +--------------------+----------------------> FAILED
 *
 * The copy is hidden (catalog_hide()) before the job is queued, so whoever asked sees it gone when
 * he is answered.  It is shown again when the job has ended: then it is gone, or there still.
 *
 * Removals wait for the locks of exports, so they are not in their queue: each node has up to
 * MOST_PER_NODE threads while it has any, and one that hangs costs that node alone.  An unmount
 * lets them end for some seconds, for `rm` has promised them; then it asks them to stop.
 *
 * Of those that have ended the last of each name and node is kept, for status and log, unless all
 * went well and there is no instance to tell it of.  All is under jobs->mu, but names, op and copy
 * do not change.
 */
#include "export/jobs_internal.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#define MOST_PER_NODE 4
#define STOP_S        5

struct removal {
    struct removal *next; /* in jobs->removals, oldest first */
    struct jobs *jobs;
    char *name, *node;
    struct node_export_id copy;
    struct opcode *op;
    uint64_t id;
    enum run_state state;
    char phase[64];
    struct cancel cancel;
    struct lock_owner *waiting; /* valid while the LU waits for locks */
    struct joblog log;
    struct err err;
};

static void free_removal(struct removal *r)
{
    opcode_free(r->op);
    cancel_destroy(&r->cancel);
    joblog_clear(&r->log);
    free(r->name);
    free(r->node);
    free(r);
}

static int make_opcode(const char *node, const char *name, struct opcode **ret, struct err *err)
{
    int r = opcode_new("OP_BACKUP_REMOVE", ret, err);

    if (r < 0)
        return r;
    if ((r = opcode_set_string(*ret, "instance_name", name)) == 0)
        r = opcode_set_string(*ret, "node_name", node);
    if (r == 0)
        return 0;
    opcode_free(STEAL(*ret));
    return err_sys(err, r, "removal of %s", name);
}

static int new_removal(struct jobs *j, const char *node, const char *name,
                       const struct node_export_id *copy, struct removal **ret, struct err *err)
{
    struct removal *r = calloc(1, sizeof *r);
    int e = r ? cancel_init(&r->cancel) : -ENOMEM;

    if (e < 0) {
        free(r);
        return err_sys(err, e, "removal of %s", name);
    }
    r->jobs = j;
    r->copy = *copy;
    r->name = strdup(name);
    r->node = strdup(node);
    snprintf(r->phase, sizeof r->phase, "queued");
    e = r->name && r->node ? make_opcode(node, name, &r->op, err)
                           : err_sys(err, -ENOMEM, "removal");
    if (e < 0) {
        free_removal(r);
        return e;
    }
    *ret = r;
    return 0;
}

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

static bool is_instance(struct jobs *j, const char *name)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);

    return model_find_instance(m, name);
}

static bool same_place(const struct removal *a, const struct removal *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->node, b->node) == 0;
}

static void drop(struct removal **p)
{
    struct removal *r = *p;

    *p = r->next;
    free_removal(r);
}

/* r has ended: it takes the place of the one before, or with keep false nothing does.  jobs->mu
 * held. */
static void settle(struct removal *r, bool keep)
{
    struct removal **p = &r->jobs->removals;

    while (*p) {
        if (*p != r && (*p)->state >= RUN_DONE && same_place(*p, r))
            drop(p);
        else
            p = &(*p)->next;
    }
    if (keep)
        return;
    for (p = &r->jobs->removals; *p != r; p = &(*p)->next)
        ;
    drop(p);
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
    bool keep = e < 0 || is_instance(j, r->name);

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

/* jobs->mu held.  0, or why there is nobody who would ever do it. */
static int start_thread(struct jobs *j, struct removal *r)
{
    sigset_t all, old;
    pthread_t thread;
    unsigned others = running_on(j, r->node);
    int e;

    if (others >= MOST_PER_NODE)
        return 0;
    r->state = RUN_RUNNING;
    /* signals are for the thread that waits for them */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    e = -pthread_create(&thread, NULL, remover, r);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (e == 0) {
        pthread_detach(thread);
        j->nremovers++;
        return 0;
    }
    r->state = RUN_QUEUED;
    return others ? 0 : e;
}

/* --- asking for one --- */

static int queue(struct jobs *j, struct removal *r)
{
    struct removal **tail = &j->removals;
    int e;

    LOCK_SCOPE(&j->mu);
    if (j->stopping)
        return -ESHUTDOWN;
    r->id = ++j->next_id;
    while (*tail)
        tail = &(*tail)->next;
    *tail = r;
    e = start_thread(j, r);
    if (e < 0)
        *tail = NULL;
    return e;
}

/* Hides it.  If it was the current export its T is used up: the next one must look changed, to all
 * mounts (DESIGN §3). */
static int hide(struct jobs *j, const struct removal *r)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    const struct catalog_node *where = NULL;
    bool current = catalog_current(cat, r->name, &where) && strcmp(where->name, r->node) == 0;
    int e = j->cluster->ops->hide(j->cluster, r->node, r->name, &r->copy);

    catalog_unref(cat);
    if (e < 0 || !current)
        return e;
    LOCK_SCOPE(&j->mu);
    struct job_inst *inst = jobs_inst(j, r->name);
    if (inst)
        fresh_retire(j, inst, r->copy.t);
    return 0;
}

int jobs_remove(struct jobs *j, const char *node, const char *name,
                const struct node_export_id *copy, struct err *err)
{
    struct removal *r = NULL;
    int e = new_removal(j, node, name, copy, &r, err);

    if (e < 0)
        return e;
    e = j->cluster->ops->check(j->cluster, r->op, err);
    if (e == 0 && (e = hide(j, r)) < 0)
        err_sys(err, e, "export %s on %s", name, node);
    if (e == 0 && (e = queue(j, r)) < 0) {
        j->cluster->ops->show(j->cluster, node, name, copy);
        err_sys(err, e, "removal of %s", name);
    }
    if (e < 0) {
        free_removal(r);
        if (is_instance(j, name))
            jobs_refused(j, name, err);
    }
    return e;
}

/* --- the end --- */

/* jobs->mu held: for at most STOP_S. */
static void wait_for_all(struct jobs *j)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_S;
    while (j->nremovers > 0 && pthread_cond_timedwait(&j->worker_ended, &j->mu, &until) == 0)
        ;
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

void removal_free(struct jobs *j)
{
    while (j->removals)
        drop(&j->removals);
}

/* --- texts --- */

void removal_count(const struct jobs *j, unsigned *queued, unsigned *running)
{
    for (const struct removal *r = j->removals; r; r = r->next) {
        *queued += r->state == RUN_QUEUED;
        *running += r->state == RUN_RUNNING;
    }
}

static const char *const state_names[] = {
    [RUN_QUEUED] = "queued",
    [RUN_RUNNING] = "running",
    [RUN_DONE] = "success",
    [RUN_FAILED] = "error",
};

static void put(FILE *f, const char *key, const struct removal *r)
{
    fprintf(f, "%s: %" PRIu64 " %s %s from %s: %s\n", key, r->id, state_names[r->state], r->name,
            r->node, r->state == RUN_FAILED ? r->err.text : r->phase);
}

void removal_put_jobs(FILE *f, const struct jobs *j)
{
    for (const struct removal *r = j->removals; r; r = r->next)
        if (r->state < RUN_DONE)
            put(f, "job", r);
}

void removal_put_node(FILE *f, const struct jobs *j, const char *node)
{
    for (const struct removal *r = j->removals; r; r = r->next)
        if (r->state != RUN_DONE && strcmp(r->node, node) == 0)
            put(f, "removal", r);
}

void removal_put_instance(FILE *f, const struct jobs *j, const char *name)
{
    for (const struct removal *r = j->removals; r; r = r->next)
        if (strcmp(r->name, name) == 0)
            put(f, "removal", r);
}

const struct joblog *removal_log(const struct jobs *j, const char *name, uint64_t *id)
{
    const struct joblog *log = NULL;

    for (const struct removal *r = j->removals; r; r = r->next) {
        if (strcmp(r->name, name) != 0)
            continue;
        *id = r->id;
        log = &r->log;
    }
    return log;
}

/* write.c - runs that export an image that somebody has written: jobs_write().
 *
 * Such a run waits for locks beside the others of its instance, and neither joins nor disturbs
 * them: what they have promised stands until it publishes.  Then it takes a T later than all that
 * was shown.  Who has seen an older promise and not read yet is sent back for a second look
 * (-ESTALE).  A run that waits behind it is served by it if that is fresh; else it takes a later T,
 * and whoever reads it for the older one gets an error.  States and invariants: jobs_internal.h.
 */
#include "export/jobs_internal.h"
#include "export/names.h"

#include <inttypes.h>
#include <string.h>

/* The name it resolves to was checked by the LU. */
static void put_target(struct jobs *j, const struct opcode *op, char *target)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const char *name = opcode_get_string(op, "target_node");
    const struct model_node *node = model_expand_node(m, name);

    snprintf(target, NAMES_MAX + 1, "%s", node ? node->name : name);
}

static int may_queue(struct jobs *j, const char *instance, struct err *err)
{
    const struct job_inst *inst = jobs_inst_find(j, instance);

    if (j->stopping)
        return err_sys(err, -ESHUTDOWN, "%s", instance);
    return inst ? hung_refuses(inst, err) : 0;
}

int jobs_write_check(struct jobs *j, const char *instance, const char *node, uint64_t bytes,
                     char *target, struct err *err)
{
    struct written unseen = {.instance = instance, .need = bytes};
    struct opcode *op = NULL;
    int r = jobs_request_write(j, &unseen, node, &op, err);

    if (r == 0) {
        pthread_mutex_lock(&j->mu);
        r = may_queue(j, instance, err);
        pthread_mutex_unlock(&j->mu);
    }
    if (r < 0)
        jobs_refused(j, instance, err);
    else if (target)
        put_target(j, op, target);
    opcode_free(op);
    return r;
}

/* Takes op. */
static int queue(struct jobs *j, struct written *w, struct opcode *op_owned,
                 void (*ended)(void *, int, const struct err *), void *arg, struct err *err)
{
    struct job_inst *inst;
    struct run *run;
    int r;

    LOCK_SCOPE(&j->mu);
    r = may_queue(j, w->instance, err);
    inst = r < 0 ? NULL : jobs_inst(j, w->instance);
    if (!inst) {
        opcode_free(op_owned);
        return r < 0 ? r : err_sys(err, -ENOMEM, "%s", w->instance);
    }
    r = run_new(j, inst, op_owned, 0, w, &run);
    if (r < 0)
        return err_sys(err, r, "%s: run", w->instance);
    run->ended = ended;
    run->ended_arg = arg;
    return 0;
}

int jobs_write(struct jobs *j, const char *node, struct written *w,
               void (*ended)(void *arg, int result, const struct err *err), void *arg,
               struct err *err)
{
    struct opcode *op;
    int r = jobs_request_write(j, w, node, &op, err);

    if (r == 0)
        r = queue(j, w, op, ended, arg, err);
    if (r < 0) {
        jobs_refused(j, w->instance, err);
        w->ops->drop(w);
    }
    return r;
}

/* It makes what nobody else does; but what is there must be known, for its T and to be removed. */
bool write_superseded(void *arg)
{
    struct run *r = arg;
    struct jobs *j = r->jobs;

    cancel_alive(&r->cancel);
    j->cluster->ops->refresh(j->cluster, r->inst->name); /* with a limit of its own */
    cancel_alive(&r->cancel);
    return false;
}

void write_take_t(struct run *r, int64_t current)
{
    struct job_inst *inst = r->inst;
    int64_t shown = inst->promise > inst->floor ? inst->promise : inst->floor;

    if (inst->run && inst->run->t > shown)
        shown = inst->run->t;
    r->t = promise_reserve(r->jobs->cluster->state_dir, inst->name, shown, current);
    r->lu->image_t = r->t;
    r->t_fixed = true;
}

void write_drop(struct run *r)
{
    struct written *w;

    pthread_mutex_lock(&r->jobs->mu);
    w = r->written;
    r->written = NULL;
    pthread_mutex_unlock(&r->jobs->mu);
    if (w)
        w->ops->drop(w);
}

void write_cancel_all(struct jobs *j, const char *why, struct run **unbegun)
{
    struct run *next;

    for (struct run *r = j->begun; r; r = r->next)
        if (r->writes)
            run_cancel(r, why);
    for (struct run *r = j->queue; r; r = next) {
        next = r->next;
        if (r->writes && run_cancel(r, why)) {
            r->next = *unbegun;
            *unbegun = r;
        }
    }
}

/* The instance may have no status of its own. */
void write_put_node(FILE *f, const struct jobs *j, const char *node)
{
    for (size_t h = 0; h < JOBS_HASH; h++)
        for (const struct job_inst *i = j->insts[h]; i; i = i->next) {
            const struct run *r = i->wrote;

            if (r && r->state == RUN_FAILED && strcmp(r->target, node) == 0)
                fprintf(f, "write: job %" PRIu64 " of %s failed: %s\n", r->id, i->name,
                        r->err.text);
        }
}

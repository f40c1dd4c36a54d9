/* request.c - from an instance's params to a checked opcode; touch.
 *
 * params live in STATE/params/INSTANCE as they were written, replaced atomically, so that all
 * mounts of a cluster share them; what they do not set follows the mount's options.  An explicit
 * touch alone may carry remove_instance, once: queueing it takes it back (DESIGN §2).
 */
#include "export/jobs_internal.h"
#include "export/names.h"
#include "export/params.h"
#include "export/statefile.h"
#include "export/target.h"

#include <string.h>

#define LOOK_MS 200

#define PARAMS_DIR   "params"
#define PARAMS_SPENT "\nremove_instance = False\n"

/* As they are kept; *text stays NULL: none are. */
static int read_kept(struct jobs *j, const char *instance, char **text, size_t *len)
{
    int r =
        statefile_read(j->cluster->state_dir, PARAMS_DIR, instance, PARAMS_MAX_BYTES, text, len);

    return r == -ENOENT ? 0 : r;
}

/* An opcode with these. */
static int make(struct jobs *j, const char *instance, const char *text, size_t len,
                struct opcode **ret, struct err *err)
{
    struct opcode *op;
    int r = opcode_new("OP_BACKUP_EXPORT", &op, err);

    if (r < 0)
        return r;
    if ((r = opcode_set_string(op, "instance_name", instance)) < 0)
        err_sys(err, r, "params of %s", instance);
    else
        r = params_parse(text, len, j->opt.shutdown, op, err);
    if (r < 0) {
        opcode_free(op);
        return r;
    }
    *ret = op;
    return 0;
}

/* An opcode with the instance's kept params. */
static int load(struct jobs *j, const char *instance, struct opcode **ret, struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    int r = read_kept(j, instance, &text, &len);

    return r < 0 ? err_sys(err, r, "params of %s", instance)
                 : make(j, instance, text ? text : "", len, ret, err);
}

static int format(struct jobs *j, const char *instance, const char *kept, size_t kept_len,
                  char **text, size_t *len)
{
    struct opcode *op;
    struct err err;
    int r = make(j, instance, kept, kept_len, &op, &err);

    if (r < 0)
        return r;
    r = params_format(op, text, len);
    opcode_free(op);
    return r;
}

/* What instances without any show, all the same; made once. */
static int format_none(struct jobs *j, const char *instance, char **text, size_t *len)
{
    LOCK_SCOPE(&j->mu);

    int r = j->params_of_none ? 0 : format(j, instance, "", 0, &j->params_of_none, len);
    char *copy = r < 0 ? NULL : strdup(j->params_of_none);

    if (!copy)
        return r < 0 ? r : -ENOMEM;
    *len = strlen(copy);
    *text = copy;
    return 0;
}

int jobs_params_text(struct jobs *j, const char *instance, char **text, size_t *len)
{
    CLEANUP_FREE char *kept = NULL;
    size_t kept_len = 0;
    int r = read_kept(j, instance, &kept, &kept_len);

    if (r < 0)
        return r;
    return kept ? format(j, instance, kept, kept_len, text, len)
                : format_none(j, instance, text, len);
}

/* With other params another attempt may well succeed: readers need not wait for it. */
static void forgive(struct jobs *j, const char *instance)
{
    LOCK_SCOPE(&j->mu);

    struct job_inst *inst = jobs_inst_find(j, instance);

    if (!inst)
        return;
    inst->retry_at = 0;
    free(STEAL(inst->refused));
}

int jobs_params_set(struct jobs *j, const char *instance, const char *text, size_t len,
                    struct err *err)
{
    struct opcode *op;
    int r = opcode_new("OP_BACKUP_EXPORT", &op, err);

    if (r < 0)
        return r;
    if (len > PARAMS_MAX_BYTES - strlen(PARAMS_SPENT)) /* there must be room to take it back */
        r = err_set(err, ERR_PREREQ, ECODE_INVAL, EFBIG, "params of %s: too long", instance);
    else if ((r = params_parse(text, len, j->opt.shutdown, op, err)) < 0 ||
             (j->cluster->ops->params_check &&
              (r = j->cluster->ops->params_check(j->cluster, op, err)) < 0))
        err_prefix(err, "params");
    else if (len == 0)
        r = statefile_remove(j->cluster->state_dir, PARAMS_DIR, instance);
    else
        r = statefile_write(j->cluster->state_dir, PARAMS_DIR, instance, text, len);
    opcode_free(op);
    if (r == -EINVAL)
        jobs_refused(j, instance, err);
    else if (r < 0 && r != -EFBIG)
        err_sys(err, r, "params of %s", instance);
    else if (r == 0)
        forgive(j, instance);
    return r;
}

static int pick_target(struct jobs *j, const char *instance, const char *node, bool writes,
                       struct opcode *op, struct err *err)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_instance *mi = model_find_instance(m, instance);
    int r = 0;

    if (!mi && !writes)
        return err_prereq(err, ECODE_NOENT, "Instance '%s' not known", instance);
    if (mi && mi->error && !writes)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EIO, "%s", mi->error);
    if (!node && opcode_get_string(op, "target_node"))
        return 0;
    if (!node) {
        struct catalog *cat = j->cluster->ops->catalog(j->cluster);

        node = target_choose(m, cat, j->cluster->share, instance, mi ? mi->primary_node : NULL,
                             j->target_node, err);
        catalog_unref(cat);
        if (!node)
            return -err->errnum;
    }
    if ((r = opcode_set_string(op, "target_node", node)) < 0)
        return err_sys(err, r, "target of %s", instance);
    return 0;
}

int jobs_request(struct jobs *j, const char *instance, const char *node, bool one_shot,
                 struct opcode **ret, struct err *err)
{
    struct opcode *op = NULL;
    int r;

    /* what was seen of the disks may be seconds old; a look that takes longer is left to the run */
    j->cluster->ops->look(j->cluster, instance, LOOK_MS);
    r = load(j, instance, &op, err);

    if (r == 0)
        r = pick_target(j, instance, node, false, op, err);
    if (r == 0 && !one_shot) {
        /* a reader never removes anything and never only pretends */
        opcode_set_bool(op, "remove_instance", false);
        opcode_set_bool(op, "dry_run", false);
    }
    if (r == 0)
        r = j->cluster->ops->check(j->cluster, NULL, op, err);
    if (r < 0) {
        opcode_free(op);
        jobs_refused(j, instance, err);
        return r;
    }
    *ret = op;
    return 0;
}

/* Of params only this concerns a write: where to, and how urgently. */
static int load_for_write(struct jobs *j, const char *instance, struct opcode **ret,
                          struct err *err)
{
    struct opcode *params, *op = NULL;
    const char *node;
    int r = load(j, instance, &params, err);

    if (r < 0)
        return r;
    r = opcode_new("OP_BACKUP_EXPORT", &op, err);
    node = opcode_get_string(params, "target_node");
    if (r == 0 && (opcode_set_string(op, "instance_name", instance) < 0 ||
                   (node && opcode_set_string(op, "target_node", node) < 0) ||
                   opcode_set_int(op, "priority", opcode_get_int(params, "priority", 0)) < 0 ||
                   opcode_set_bool(op, "shutdown", false) < 0))
        r = err_sys(err, -ENOMEM, "%s", instance);
    opcode_free(params);
    if (r == 0)
        *ret = op;
    else
        opcode_free(op);
    return r;
}

int jobs_request_write(struct jobs *j, struct written *w, const char *node, struct opcode **ret,
                       struct err *err)
{
    struct opcode *op = NULL;
    int r = load_for_write(j, w->instance, &op, err);

    if (r == 0)
        r = pick_target(j, w->instance, node, true, op, err);
    if (r == 0)
        r = j->cluster->ops->check(j->cluster, w, op, err);
    if (r == 0)
        *ret = op;
    else
        opcode_free(op);
    return r;
}

/* remove_instance is honoured once: a line that takes it back is added to the text. */
static int spend_remove_instance(struct jobs *j, const char *instance, struct err *err)
{
    CLEANUP_FREE char *text = NULL, *spent = NULL;
    size_t len;
    int r =
        statefile_read(j->cluster->state_dir, PARAMS_DIR, instance, PARAMS_MAX_BYTES, &text, &len);

    if (r == 0 && asprintf(&spent, "%s" PARAMS_SPENT, text) < 0)
        r = -ENOMEM;
    if (r == 0)
        r = statefile_write(j->cluster->state_dir, PARAMS_DIR, instance, spent, strlen(spent));
    return r < 0 ? err_sys(err, r, "params of %s", instance) : 0;
}

/* jobs->mu held: 1 there is a run to join, 0 there is none, -EBUSY there is one that goes to
 * another node, that does not do with the instance what is asked for, or that hangs. */
static int may_join(const struct job_inst *inst, const char *node, const struct opcode *op,
                    struct err *err)
{
    const struct run *run = inst->run;
    int r = hung_refuses(inst, err);

    if (r < 0)
        return r;
    if (!run || image_state(run->image) == IMAGE_PUBLISHED)
        return 0; /* what is published already was taken before the touch */
    if (node && strcmp(run->target, node) != 0)
        return err_prereq(err, ECODE_STATE, "An export of %s to %s is running (job %llu)",
                          inst->name, run->target, (unsigned long long)run->id);
    if (opcode_get_bool(op, "remove_instance") ||
        opcode_get_bool(op, "dry_run") != opcode_get_bool(run->op, "dry_run"))
        return err_prereq(err, ECODE_STATE,
                          "An export of %s with other params is running (job %llu)", inst->name,
                          (unsigned long long)run->id);
    return 1;
}

static void join_running(struct run *run)
{
    run->touched = true;
    joblog_add(&run->log, "Touched: it runs to its end");
}

/* Before remove_instance is spent on it. */
static int check_join(struct jobs *j, const char *instance, const char *node,
                      const struct opcode *op, struct err *err)
{
    LOCK_SCOPE(&j->mu);

    const struct job_inst *inst = jobs_inst_find(j, instance);

    return inst ? may_join(inst, node, op, err) : 0;
}

/* The run that has published and not ended leaves its place to the next.  jobs->mu held. */
static void make_way(struct job_inst *inst)
{
    struct run *run = inst->run;

    if (!run)
        return;
    if (inst->floor < run->t)
        inst->floor = run->t;
    inst->ending = run;
    inst->run = NULL;
}

static int touch_start(struct jobs *j, const char *instance, const char *node,
                       struct opcode *op_owned, struct err *err)
{
    struct catalog *cat = j->cluster->ops->catalog(j->cluster);
    struct job_inst *inst;
    struct run *run;
    int r;

    pthread_mutex_lock(&j->mu);
    inst = jobs_inst(j, instance);
    r = !inst ? -ENOMEM : j->stopping ? -ESHUTDOWN : 0;
    if (r < 0)
        err_sys(err, r, "%s", instance);
    else if ((r = may_join(inst, node, op_owned, err)) == 1)
        join_running(inst->run);
    if (r != 0) {
        opcode_free(op_owned);
    } else {
        make_way(inst);
        r = run_new(j, inst, op_owned,
                    fresh_promise(j, inst, catalog_current(cat, instance, NULL), true), NULL, &run);
        if (r < 0)
            err_sys(err, r, "%s: run", instance);
        else
            run->touched = true;
    }
    pthread_mutex_unlock(&j->mu);
    catalog_unref(cat);
    return r < 0 ? r : 0;
}

int jobs_touch(struct jobs *j, const char *instance, const char *node, struct err *err)
{
    struct opcode *op;
    int r = jobs_request(j, instance, node, true, &op, err);

    if (r < 0)
        return r;
    if (opcode_get_bool(op, "remove_instance") && (r = check_join(j, instance, node, op, err)) == 0)
        r = spend_remove_instance(j, instance, err);
    if (r == 0)
        r = touch_start(j, instance, node, op, err);
    else
        opcode_free(op);
    if (r < 0)
        jobs_refused(j, instance, err);
    return r;
}

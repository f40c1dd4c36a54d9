/* lu_export.c - LUExportInstance: an instance's disks and configuration as an export on a node.
 *
 *   create -> publish -> remove older copies (and the instance)       three tasklets
 *
 * Locks (L1, better than the reference's all nodes exclusively for the whole copy): the instance
 * exclusively, shared from the moment on when nothing will be done to it any more; all nodes
 * shared; at level export the instance's name exclusively, which guards its exports on every node.
 * So exports of different instances overlap, and removing stale copies is still safe.
 *
 * What the reference gets wrong (spec §12) and this does right, and where:
 *   L2, L4   the first failed disk ends the run; nothing is published then    lu_export_copy.c
 *   L5       publication is one atomic exchange                               finalize_export
 *   L7       capability, stage and space are checked before the shutdown; an instance that was
 *            running runs again whatever fails, also with remove_instance     _take.c, finish()
 *   L8       the stage goes with the run                                      finish()
 *   L9, L16  diskless instances and file disks are ordinary
 *   L10      what config.ini cannot carry is found before anything is done    _prereq.c
 *   L11      XXH128SUMS                                            _copy.c, _publish.c
 *   L12, L13 counts and names are the instance's, not the snapshots'          exportini
 *   L20      a request to stop is honoured at every step until publication
 *   L24      every refusal has an ECODE                                       _prereq.c
 *   L29      space                                                 _prereq.c, _space.c
 *   L30      stale copies on nodes that cannot be asked are remembered        _older.c
 */
#include "export/lu_export.h"

#include "export/hooks_env.h"

#include <inttypes.h>
#include <string.h>

static bool remote(const struct lu *lu)
{
    return strcmp(opcode_get_string(lu->op, "mode"), "remote") == 0;
}

static bool is_empty(const struct opcode_value *v)
{
    return v->kind == VAL_NULL || (v->kind == VAL_LIST && v->list.n == 0) ||
           (v->kind == VAL_STRING && !*v->s);
}

/* spec §1.4; then what this implementation takes at its default only. */
static int check_arguments(struct lu *lu, struct err *err)
{
    const struct opcode_desc *desc = opcode_description(lu->op);
    bool zero = opcode_get_bool(lu->op, "zero_free_space");

    if (remote(lu) && is_empty(opcode_get(lu->op, "x509_key_name")))
        return err_prereq(err, ECODE_INVAL, "Missing X509 key name for encryption");
    if (remote(lu) && is_empty(opcode_get(lu->op, "destination_x509_ca")))
        return err_prereq(err, ECODE_INVAL, "Missing destination X509 CA");
    if (zero && is_empty(opcode_get(lu->op, "compress")))
        return err_prereq(err, ECODE_INVAL, "Zeroing free space needs a compression");
    if (zero && !opcode_get_bool(lu->op, "shutdown"))
        return err_prereq(err, ECODE_INVAL, "Zeroing free space needs the instance shut down");
    for (size_t i = 0; i < desc->n; i++) {
        int r = opcode_check_supported(lu->op, desc->params[i].name, err);

        if (r < 0)
            return r;
    }
    return 0;
}

/* The cluster knows no UUIDs but those that an instance's file carries. */
static int check_uuid(struct lu *lu, const char *param, const char *known, const char *what,
                      struct err *err)
{
    const char *given = opcode_get_string(lu->op, param);

    if (given && (!known || strcmp(given, known) != 0))
        return err_prereq(err, ECODE_NOTUNIQUE, "%s has UUID %s, not %s", what,
                          known ? known : "none", given);
    return 0;
}

static int expand_instance(struct lu_export *x, struct err *err)
{
    const char *key = opcode_get_string(x->lu.op, "instance_name");
    const struct model_instance *inst = model_expand_instance(x->lu.model, key);

    if (!inst)
        return err_prereq(err, ECODE_NOENT, "Instance '%s' not known", key);
    x->instance = strdup(inst->name);
    if (!x->instance || opcode_set_string(x->lu.op, "instance_name", inst->name) < 0)
        return err_sys(err, -ENOMEM, "instance name");
    return check_uuid(&x->lu, "instance_uuid",
                      inst->error ? NULL : ini_get(inst->ini, "instance", "uuid"), inst->name, err);
}

int lu_export_expand_target(struct lu_export *x, struct err *err)
{
    const char *key = opcode_get_string(x->lu.op, "target_node");
    const struct model_node *node;

    if (!key)
        return err_prereq(err, ECODE_INVAL, "Mode local needs the name of one target node");
    node = model_expand_node(x->lu.model, key);
    if (!node)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", key);
    x->target = strdup(node->name);
    if (!x->target || opcode_set_string(x->lu.op, "target_node", node->name) < 0)
        return err_sys(err, -ENOMEM, "node name");
    return check_uuid(&x->lu, "target_node_uuid", NULL, node->name, err);
}

static int lock_name(struct lu_locks *locks, const char *name, struct err *err)
{
    locks->declared = true;
    return strvec_add(&locks->names, name) < 0 ? err_sys(err, -ENOMEM, "locks") : 0;
}

void lu_export_init(struct lu_export *x)
{
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++)
        x->snap[j].fd = x->src_fd[j] = x->dst_fd[j] = -1;
}

int lu_export_declare_locks(struct lu_export *x, struct err *err)
{
    struct lu *lu = &x->lu;
    int r = lock_name(&lu->locks[LOCK_INSTANCE], x->instance, err);

    lu->locks_declared = true;
    if (r < 0 || !x->target)
        return r;
    lu->locks[LOCK_NODE] = (struct lu_locks){.declared = true, .all = true, .shared = true};
    return lock_name(&lu->locks[LOCK_EXPORT], x->instance, err);
}

static int expand_names(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    int r;

    lu_export_init(x);
    r = expand_instance(x, err);
    if (r == 0 && !remote(lu))
        r = lu_export_expand_target(x, err);
    return r < 0 ? r : lu_export_declare_locks(x, err);
}

int lu_export_build_hooks_env(struct lu *lu, struct lu_hooks_env *env, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    const struct {
        const char *name, *value;
    } vars[] = {
        {"EXPORT_MODE", opcode_get_string(lu->op, "mode")},
        {"EXPORT_NODE", x->target},
        {"EXPORT_DO_SHUTDOWN", hooks_env_bool(opcode_get_bool(lu->op, "shutdown"))},
        {"REMOVE_INSTANCE", hooks_env_bool(opcode_get_bool(lu->op, "remove_instance"))},
        {"OP_TARGET", x->instance},
    };
    int r = hooks_env_add(env, "SHUTDOWN_TIMEOUT", "%" PRId64,
                          opcode_get_int(lu->op, "shutdown_timeout", 0));

    for (size_t i = 0; r == 0 && i < sizeof vars / sizeof *vars; i++)
        r = hooks_env_add(env, vars[i].name, "%s", vars[i].value);
    if (r == 0)
        r = hooks_env_add_instance(env, x->inst);
    return r < 0 ? err_sys(err, r, "hook environment") : 0;
}

static int build_hooks_nodes(struct lu *lu, struct strvec *nodes, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);
    const char *const names[] = {lu->model->master_node, x->src->name, x->dst->name};

    return strvec_add_all(nodes, names, 3) < 0 ? err_sys(err, -ENOMEM, "hook nodes") : 0;
}

/* Has it left something on its target?  A stage may stay on a node that went away, and a
 * publication that failed may have happened. */
static bool left_on_target(struct lu_export *x)
{
    const struct lu_env *env = x->lu.env;
    struct journal_part *mine = &x->journal.parts[0];
    struct err why;

    if (x->fresh.t)
        return false;
    if (mine->t)
        return true;
    if (env->nodes->export_sweep(env->node_ctx, x->dst, x->instance, &why) == 0)
        return false;
    snprintf(mine->error, sizeof mine->error, "%.255s", why.text);
    return true;
}

/* What is left to somebody else: to start the instance, if that failed; what this run or a dead one
 * before it has left on nodes; and to finish what was published, if hashing it failed or was
 * cancelled (by a mount that goes away). */
static void end_journal(struct lu_export *x)
{
    const struct lu_env *env = x->lu.env;
    struct journal *j = &x->journal;
    struct err ignored;

    if (!x->noted || (x->fresh.t && !x->older_done))
        return;
    if (!x->lu.run->written) { /* which does nothing to the instance, and leaves it noted */
        j->stopped = x->stopped && x->was_running && !x->started && !j->parts[0].removing;
        j->snapshots = x->snapshot_left;
    }
    if (x->fresh.t)
        journal_supersede(j);
    if (!left_on_target(x))
        journal_drop(j, 0);
    if (journal_empty(j))
        env->ops->journal_end(env->arg, x->instance);
    else
        lu_export_note(x, &ignored);
}

/* Before the stage goes: what is open cannot be removed everywhere (NFS). */
static void close_dumps(struct lu_export *x, int r, const struct err *cause)
{
    struct image *img = x->lu.run->image;

    if (r < 0 && x->stage && img && image_state(img) != IMAGE_PUBLISHED) {
        image_fail(img, cause);
        image_drop_dumps(img);
    }
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++) {
        if (x->dst_fd[j] >= 0)
            close(STEAL_FD(x->dst_fd[j]));
    }
}

/* A run that worked leaves nothing to do here but for its descriptors.  The instance comes before
 * the stage, whose removal may take a while. */
void lu_export_finish(struct lu *lu, int r, const struct err *cause)
{
    struct lu_export *x = lu_export_of(lu);
    bool removed = r == 0 && opcode_get_bool(lu->op, "remove_instance");
    struct err err;

    (void)cause;
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++)
        lu_export_release_source(x, j);
    if (!removed && !x->disks_gone && lu_export_restart(x, &err) < 0)
        lu_warning(lu, "%s; it was running before and is stopped now", err.text);
    close_dumps(x, r, cause);
    if (x->stage)
        lu->env->nodes->stage_abort(lu->env->node_ctx, STEAL(x->stage));
    end_journal(x);
}

static void destroy(struct lu *lu)
{
    struct lu_export *x = lu_export_of(lu);

    free(x->instance);
    free(x->target);
}

static const struct lu_tasklet tasklets[] = {
    {.name = "create", .check_prereq = lu_export_check_prereq, .exec = lu_export_create},
    {.name = "publish", .exec = lu_export_publish},
    {.name = "remove older copies", .exec = lu_export_older},
    {.name = NULL},
};

const struct lu_class lu_export_class = {
    .name = "LUExportInstance",
    .op_id = "OP_BACKUP_EXPORT",
    .hpath = "instance-export",
    .htype = "INSTANCE",
    .size = sizeof(struct lu_export),
    .check_arguments = check_arguments,
    .expand_names = expand_names,
    .build_hooks_env = lu_export_build_hooks_env,
    .build_hooks_nodes = build_hooks_nodes,
    .tasklets = tasklets,
    .finish = lu_export_finish,
    .destroy = destroy,
};

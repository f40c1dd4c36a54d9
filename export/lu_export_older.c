/* lu_export_older.c - tasklet 3 of an export: the stale copies on the other nodes, and with
 * remove_instance the instance itself.
 *
 * The other nodes are the model's nodes but the target; on a one-node cluster there are none, and
 * nothing is asked.  A copy goes only by its identity, looked up under the lock of level export,
 * and never when it is the fresh one seen through another node.  A node that cannot be asked is not
 * forgotten (L30): what it held when it was last seen, or whatever it holds that is older if that
 * is not known, is handed on, to be removed once it is back.
 * Failures here are warnings: the new export is good.  The instance goes last, after everything
 * else has worked.
 */
#include "export/lu_export.h"

static void free_info(struct node_export_info **info)
{
    node_export_info_free(*info);
}

/* The stale copy stays for now. */
static void remember(struct lu_export *x, const char *node, const struct node_export_id *id)
{
    const struct lu_env *env = x->lu.env;
    struct err err;

    if (env->ops->removal_pending(env->arg, node, x->instance, id, &err) < 0)
        lu_warning(&x->lu, "this could not be noted down: %s", err.text);
}

static void not_removed(struct lu_export *x, const char *node, const struct node_export_id *id,
                        const char *why)
{
    lu_warning(&x->lu, "Could not remove older export from node %s: %s; it will be removed later",
               node, why);
    remember(x, node, id);
}

static void not_answering(struct lu_export *x, const char *node, const char *why)
{
    const struct catalog_export *seen = catalog_find(x->lu.catalog, node, x->instance);
    struct node_export_id older = node_export_id_older_than(x->fresh.t);

    if (!seen) {
        lu_feedback(&x->lu, "Stale copy on %s (%s), if any, will be removed when it is back", node,
                    why);
        remember(x, node, &older);
    } else if (!node_export_id_same(&seen->info->id, &x->fresh)) {
        not_removed(x, node, &seen->info->id, why);
    }
}

static void remove_copy(struct lu_export *x, const struct model_node *node)
{
    const struct lu_env *env = x->lu.env;
    CLEANUP(free_info) struct node_export_info *info = NULL;
    struct err err;
    int r = env->nodes->export_info(env->node_ctx, node, x->instance, &info, &err);

    if (r == -ENOENT)
        return;
    if (r < 0) {
        not_answering(x, node->name, err.text);
        return;
    }
    if (node_export_id_same(&info->id, &x->fresh))
        return;
    r = env->nodes->export_remove(env->node_ctx, node, x->instance, &info->id, &err);
    if (r == -ESTALE)
        lu_warning(&x->lu, "the older export on node %s was replaced meanwhile, it stays",
                   node->name);
    else if (r < 0 && r != -ENOENT)
        not_removed(x, node->name, &info->id, err.text);
    env->ops->export_changed(env->arg, node->name, x->instance);
}

static void clean_node(struct lu_export *x, const struct model_node *node)
{
    const struct lu_env *env = x->lu.env;
    const struct catalog_node *seen = catalog_find_node(x->lu.catalog, node->name);
    CLEANUP_STRVEC struct strvec names = {0};
    struct err err;
    int r;

    if (lu_node_offline(node) || (seen && seen->state == NODE_UNREACHABLE)) {
        not_answering(x, node->name, lu_node_offline(node) ? "offline" : "unreachable");
        return;
    }
    if (env->ops->answers && !env->ops->answers(env->arg, node->name, x->instance)) {
        not_answering(x, node->name, "it does not answer");
        return;
    }
    r = env->nodes->export_list(env->node_ctx, node, &names, &err);
    if (r < 0 && r != -ENOENT)
        not_answering(x, node->name, err.text);
    if (r == 0 && strvec_has(&names, x->instance))
        remove_copy(x, node);
}

static void clean_others(struct lu_export *x)
{
    const struct model *m = x->lu.model;

    if (m->nnodes < 2)
        return;
    lu_phase(&x->lu, "removing older copies");
    lu_feedback(&x->lu, "Removing old exports for instance %s", x->instance);
    for (size_t i = 0; i < m->nnodes; i++)
        if (&m->nodes[i] != x->dst)
            clean_node(x, &m->nodes[i]);
}

static int remove_disks(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    bool ignore = opcode_get_bool(x->lu.op, "ignore_remove_failures");

    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        int r = env->nodes->blockdev_remove(env->node_ctx, x->src, &x->inst->disks[j], err);

        if (r == 0) {
            x->disks_gone = true;
            continue;
        }
        if (!ignore)
            return err_prefix(err, "Can't remove instance's disks: disk/%u", j);
        lu_warning(&x->lu, "Can't remove instance's disks: disk/%u: %s", j, err->text);
    }
    return 0;
}

static int remove_instance(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    const char *const name = x->instance;
    int r;

    if (!opcode_get_bool(x->lu.op, "remove_instance"))
        return 0;
    r = lu_canceled(&x->lu, err);
    if (r < 0)
        return r;
    lu_phase(&x->lu, "removing the instance");
    lu_feedback(&x->lu, "Removing instance %s", name);
    x->journal.parts[0].removing = true;
    r = lu_export_note(x, err);
    if (r == 0)
        r = remove_disks(x, err);
    if (r == 0)
        r = env->ops->instance_remove(env->arg, name, err);
    if (r == 0 && lock_delete(x->lu.owner, LOCK_INSTANCE, &name, 1) < 0)
        lu_warning(&x->lu, "the lock of instance %s could not be deleted", name);
    return r;
}

int lu_export_older(struct lu *lu, struct err *err)
{
    struct lu_export *x = lu_export_of(lu);

    clean_others(x);
    x->older_done = true;
    return remove_instance(x, err);
}

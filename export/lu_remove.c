/* lu_remove.c - LURemoveExport: the exports of a name go from every node that can be asked.
 *
 * No instance is locked, for the export of an instance that is gone must be removable (spec §2.3);
 * the name at level export is, exclusively, and all nodes shared (better than the reference's
 * exclusively, L1).  A node that fails is told as it happens, the others are still cleaned, and the
 * job fails at the end with the nodes' names (L36; the reference says success).
 */
#include "export/lu.h"

#include "export/names.h"

#include <string.h>

struct lu_remove {
    struct lu lu; /* first */
    char *name;
    bool instance_known;
    bool found;
    struct strvec failed; /* nodes */
};

static struct lu_remove *self(struct lu *lu)
{
    return (struct lu_remove *)lu;
}

static int expand_names(struct lu *lu, struct err *err)
{
    struct lu_remove *x = self(lu);
    const char *key = opcode_get_string(lu->op, "instance_name");
    const struct model_instance *inst = model_expand_instance(lu->model, key);

    x->instance_known = inst;
    x->name = strdup(inst ? inst->name : key);
    if (!x->name || opcode_set_string(lu->op, "instance_name", x->name) < 0)
        return err_sys(err, -ENOMEM, "name");
    if (!names_valid(x->name))
        return err_prereq(err, ECODE_INVAL, "'%s' cannot be the name of an export", x->name);
    lu->locks_declared = true;
    lu->locks[LOCK_NODE] = (struct lu_locks){.declared = true, .all = true, .shared = true};
    lu->locks[LOCK_EXPORT].declared = true;
    if (strvec_add(&lu->locks[LOCK_EXPORT].names, x->name) < 0)
        return err_sys(err, -ENOMEM, "locks");
    return 0;
}

static int check_prereq(struct lu *lu, struct err *err)
{
    const char *uuid = opcode_get_string(lu->op, "instance_uuid");
    const struct model_instance *inst = model_find_instance(lu->model, self(lu)->name);
    const char *known = inst && !inst->error ? ini_get(inst->ini, "instance", "uuid") : NULL;

    if (uuid && (!known || strcmp(known, uuid) != 0))
        return err_prereq(err, ECODE_NOTUNIQUE, "%s has UUID %s, not %s", self(lu)->name,
                          known ? known : "none", uuid);
    return 0;
}

/* 0, also when there is nothing; else the node's error. */
static int clean_node(struct lu_remove *x, const struct model_node *node, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    CLEANUP_STRVEC struct strvec names = {0};
    int r;

    if (env->ops->answers && !env->ops->answers(env->arg, node->name, x->name))
        return err_exec(err, "it does not answer");
    r = env->nodes->export_list(env->node_ctx, node, &names, err);
    if (r == -ENOENT)
        return 0;
    if (r < 0 || !strvec_has(&names, x->name))
        return r;
    x->found = true;
    lu_feedback(&x->lu, "Removing export %s from %s", x->name, node->name);
    r = env->nodes->export_remove(env->node_ctx, node, x->name, NULL, err);
    env->ops->export_changed(env->arg, node->name, x->name);
    return r == -ENOENT ? 0 : r;
}

static int fail(struct lu_remove *x, struct err *err)
{
    char nodes[512] = "";
    size_t n = 0;

    for (size_t i = 0; i < x->failed.n && n < sizeof nodes; i++)
        n += (size_t)snprintf(nodes + n, sizeof nodes - n, "%s%s", i ? ", " : "", x->failed.v[i]);
    return err_exec(err, "Could not remove export %s from: %s", x->name, nodes);
}

static int exec(struct lu *lu, struct err *err)
{
    struct lu_remove *x = self(lu);

    for (size_t i = 0; i < lu->model->nnodes; i++) {
        const struct model_node *node = &lu->model->nodes[i];
        struct err why;
        int r = lu_canceled(lu, err);

        if (r < 0)
            return r;
        if (lu_node_offline(node)) {
            lu_warning(lu, "Node %s is offline, what lies there stays", node->name);
            continue;
        }
        if (clean_node(x, node, &why) == 0)
            continue;
        lu_warning(lu, "Could not remove export from node %s: %s", node->name, why.text);
        if (strvec_add(&x->failed, node->name) < 0)
            return err_sys(err, -ENOMEM, "list of nodes");
    }
    lu->result.nothing = true;
    if (x->failed.n > 0)
        return fail(x, err);
    if (!x->found && !x->instance_known)
        lu_feedback(lu, "Export not found. An export of an instance that no longer exists must be "
                        "named by its fully qualified domain name.");
    return 0;
}

static void destroy(struct lu *lu)
{
    free(self(lu)->name);
    strvec_clear(&self(lu)->failed);
}

const struct lu_class lu_remove_class = {
    .name = "LURemoveExport",
    .op_id = "OP_BACKUP_REMOVE",
    .size = sizeof(struct lu_remove),
    .expand_names = expand_names,
    .check_prereq = check_prereq,
    .exec = exec,
    .destroy = destroy,
};

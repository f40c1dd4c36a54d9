/* lu_remove.c - LURemoveExport: the exports of a name go from every node that can be asked, or,
 * with node_name, from that one.
 *
 * No instance is locked, for the export of an instance that is gone must be removable (spec §2.3);
 * the name at level export is, exclusively, and all nodes shared (better than the reference's
 * exclusively, L1), or the one.  A node that fails is told as it happens, the others are still
 * cleaned, and the job fails at the end with the nodes' names (L36; the reference says success).
 *
 * On one node the name is that of what lies there: it is not expanded, for a foreign directory's
 * may be short for an instance's.  With run->copy only that copy goes; if another has taken its
 * place while the locks were waited for, that stays and the job has succeeded: what was meant is
 * gone.
 *
 * A removal is noted before it begins (removal_begin()), so that what is set aside goes even if the
 * process dies.  Where that cannot be noted it is done all the same: a full disk is a reason to
 * remove something.
 */
#include "export/lu.h"

#include "export/names.h"

#include <string.h>

struct lu_remove {
    struct lu lu; /* first */
    char *name;
    char *node; /* only there; NULL: everywhere */
    bool instance_known;
    bool found;
    struct strvec failed; /* nodes */
};

static struct lu_remove *self(struct lu *lu)
{
    return (struct lu_remove *)lu;
}

static int expand_node(struct lu_remove *x, const char *key, struct err *err)
{
    const struct model_node *node = model_expand_node(x->lu.model, key);

    if (!node)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", key);
    x->node = strdup(node->name);
    return x->node ? 0 : err_sys(err, -ENOMEM, "node");
}

static int expand_names(struct lu *lu, struct err *err)
{
    struct lu_remove *x = self(lu);
    const char *key = opcode_get_string(lu->op, "instance_name");
    const char *node = opcode_get_string(lu->op, "node_name");
    const struct model_instance *inst = node ? NULL : model_expand_instance(lu->model, key);
    int r = node ? expand_node(x, node, err) : 0;

    if (r < 0)
        return r;
    x->instance_known = inst;
    x->name = strdup(inst ? inst->name : key);
    if (!x->name || opcode_set_string(lu->op, "instance_name", x->name) < 0)
        return err_sys(err, -ENOMEM, "name");
    if (!names_valid(x->name))
        return err_prereq(err, ECODE_INVAL, "'%s' cannot be the name of an export", x->name);
    lu->locks_declared = true;
    lu->locks[LOCK_NODE].declared = lu->locks[LOCK_NODE].shared = true;
    lu->locks[LOCK_NODE].all = !x->node;
    lu->locks[LOCK_EXPORT].declared = true;
    if ((x->node && strvec_add(&lu->locks[LOCK_NODE].names, x->node) < 0) ||
        strvec_add(&lu->locks[LOCK_EXPORT].names, x->name) < 0)
        return err_sys(err, -ENOMEM, "locks");
    return 0;
}

/* From memory.  What would fail for certain is told before anything is hidden or queued. */
static int check_node(struct lu_remove *x, struct err *err)
{
    const struct catalog_node *seen = catalog_find_node(x->lu.catalog, x->node);
    const struct model_node *node;
    int r = lu_known_node(&x->lu, x->node, &node, err);

    if (r < 0)
        return r;
    if (lu_node_offline(node))
        return err_set(err, ERR_PREREQ, ECODE_STATE, EHOSTDOWN, "Can't use offline node: %s",
                       x->node);
    if (seen && seen->state == NODE_UNREACHABLE)
        return err_set(err, ERR_PREREQ, ECODE_STATE, EHOSTUNREACH, "Can't reach node %s: %s",
                       x->node, seen->error ? seen->error : "no answer");
    if (seen && seen->space.read_only)
        return err_set(err, ERR_PREREQ, ECODE_ENVIRON, EROFS, "Node %s is read-only", x->node);
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
    return self(lu)->node ? check_node(self(lu), err) : 0;
}

/* 0, also if the copy that was meant is there no more. */
static int remove_copy(struct lu_remove *x, const struct model_node *node, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct err why;
    int r;

    if (env->ops->removal_begin(env->arg, node->name, x->name, &why) < 0)
        lu_warning(&x->lu, "this could not be noted down: %s", why.text);
    r = env->nodes->export_remove(env->node_ctx, node, x->name, x->lu.run->copy, err);
    if (r == -ESTALE)
        lu_feedback(&x->lu, "The export on %s was replaced meanwhile, the new one stays",
                    node->name);
    if (r == -ESTALE || r == -ENOENT)
        r = 0;
    if (r == 0) /* else something may have been set aside */
        env->ops->removal_end(env->arg, node->name, x->name);
    env->ops->export_changed(env->arg, node->name, x->name);
    return r;
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
    lu_phase(&x->lu, "removing");
    lu_feedback(&x->lu, "Removing export %s from %s", x->name, node->name);
    return remove_copy(x, node, err);
}

static int fail(struct lu_remove *x, struct err *err)
{
    char nodes[512] = "";
    size_t n = 0;

    for (size_t i = 0; i < x->failed.n && n < sizeof nodes; i++)
        n += (size_t)snprintf(nodes + n, sizeof nodes - n, "%s%s", i ? ", " : "", x->failed.v[i]);
    return err_exec(err, "Could not remove export %s from: %s", x->name, nodes);
}

static int exec_one(struct lu_remove *x, struct err *err)
{
    const struct model_node *node;
    int r = lu_canceled(&x->lu, err);

    if (r == 0)
        r = lu_known_node(&x->lu, x->node, &node, err);
    if (r < 0)
        return r;
    x->lu.result.nothing = true;
    r = clean_node(x, node, err);
    return r < 0 ? err_prefix(err, "Could not remove export %s from %s", x->name, x->node) : 0;
}

static int exec_all(struct lu *lu, struct err *err)
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

static int exec(struct lu *lu, struct err *err)
{
    return self(lu)->node ? exec_one(self(lu), err) : exec_all(lu, err);
}

static void destroy(struct lu *lu)
{
    free(self(lu)->name);
    free(self(lu)->node);
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

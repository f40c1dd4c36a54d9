/* lu_query.c - LUQueryExports: which exports lie on which node (v2.3's; spec §2.3).
 *
 * `use_locking` is ignored as in the reference: the nodes asked are always locked, shared.  A node
 * that is offline or fails has no list but the reference's `false`.
 */
#include "export/lu.h"

#include <string.h>

static int expand_nodes(struct lu *lu, const struct opcode_value *keys, struct err *err)
{
    struct lu_locks *need = &lu->locks[LOCK_NODE];

    for (size_t i = 0; i < keys->list.n; i++) {
        const struct model_node *node = model_expand_node(lu->model, keys->list.v[i].s);

        if (!node)
            return err_prereq(err, ECODE_NOENT, "Node '%s' not known", keys->list.v[i].s);
        if (strvec_add(&need->names, node->name) < 0)
            return err_sys(err, -ENOMEM, "nodes");
    }
    strvec_sort_unique(&need->names);
    return 0;
}

static int expand_names(struct lu *lu, struct err *err)
{
    const struct opcode_value *keys = opcode_get(lu->op, "nodes");

    lu->locks_declared = true;
    lu->locks[LOCK_NODE].declared = true;
    lu->locks[LOCK_NODE].shared = true;
    lu->locks[LOCK_NODE].all = keys->list.n == 0;
    return expand_nodes(lu, keys, err);
}

/* A node that was removed while this waited for the locks is no error: it has no list. */
static int ask_node(struct lu *lu, const char *name, struct lu_result_node *ret, struct err *err)
{
    const struct model_node *node = model_find_node(lu->model, name);
    struct err why = {.text = "offline"};
    int r = -EHOSTDOWN;

    ret->node = strdup(name);
    if (!ret->node)
        return err_sys(err, -ENOMEM, "result");
    if (node && !lu_node_offline(node))
        r = lu->env->nodes->export_list(lu->env->node_ctx, node, &ret->exports, &why);
    ret->failed = r < 0;
    if (r < 0)
        lu_warning(lu, "Could not get the list of exports from node %s: %s", name, why.text);
    return 0;
}

static int exec(struct lu *lu, struct err *err)
{
    const struct lu_locks *asked = &lu->locks[LOCK_NODE];
    size_t n = asked->all ? lu->model->nnodes : asked->names.n;

    lu->result.nodes = calloc(n ? n : 1, sizeof *lu->result.nodes);
    if (!lu->result.nodes)
        return err_sys(err, -ENOMEM, "result");
    for (size_t i = 0; i < n; i++) {
        const char *name = asked->all ? lu->model->nodes[i].name : asked->names.v[i];
        int r = lu_canceled(lu, err);

        lu->result.nnodes = i + 1;
        if (r == 0)
            r = ask_node(lu, name, &lu->result.nodes[i], err);
        if (r < 0)
            return r;
    }
    return 0;
}

const struct lu_class lu_query_class = {
    .name = "LUQueryExports",
    .op_id = "OP_BACKUP_QUERY",
    .size = sizeof(struct lu),
    .expand_names = expand_names,
    .exec = exec,
};

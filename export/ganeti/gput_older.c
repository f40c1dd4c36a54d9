/* gput_older.c - after an upload: older copies on other nodes.
 *
 * Each goes by its identity, as it was when the upload began, so none that came since.  One with
 * the same config.ini is either the new export itself, seen through another node (shared storage),
 * or an earlier upload of the same image: the former has the time that was just given to it.
 * Failures are warnings: the new export is good.
 */
#include "export/ganeti/gput_parts.h"

#include <string.h>

/* What nobody can tell from it counts as the new one. */
static bool is_new_one(struct gput *p, const struct model_node *node)
{
    CLEANUP_GNODE_CONN struct gnode_conn *c = NULL;
    CLEANUP_GNODE_RAW struct gnode_raw *raw = NULL;
    struct node_export_info *info = NULL;
    const char *name = p->written->instance;
    struct err ignored;
    bool same;

    if (node->address)
        return gnode_conn_get(p->w->nodes, node, &c, &ignored) < 0 ||
               gnode_raw_read(c->s, node, name, &raw, &ignored) < 0 || raw->id.t == p->t;
    if (node_local_ops.export_info(p->w->nodes->local, node, name, &info, &ignored) < 0)
        return true;
    same = info->id.t == p->t;
    node_export_info_free(info);
    return same;
}

static bool is_older(struct gput *p, const struct model_node *node, const struct catalog_export *e)
{
    const struct node_export_id *id = &e->info->id, mine = gput_identity(p);

    if (id->size == mine.size && id->hash == mine.hash)
        return !is_new_one(p, node);
    return id->t < p->t;
}

static void remove_copy(struct gput *p, const struct model_node *node,
                        const struct node_export_id *id)
{
    const char *name = p->written->instance;
    struct err err;
    int r = gnode_ops.export_remove(p->w->nodes, node, name, id, &err);

    if (r == -ESTALE)
        gput_say(p, " - WARNING: the older export on node %s was replaced meanwhile, it stays",
                 node->name);
    else if (r < 0 && r != -ENOENT)
        gput_say(p, " - WARNING: Could not remove older export from node %s: %s", node->name,
                 err.text);
    p->w->changed(p->w->arg, node->name, name);
}

static void see_to(struct gput *p, const struct catalog_node *cn, const struct model_node *node)
{
    const struct catalog_export *e = catalog_find(p->seen, cn->name, p->written->instance);

    if (!e)
        return;
    cancel_alive(p->run->cancel);
    if (cn->state > NODE_DRAINED)
        gput_say(p, " - WARNING: The older export on node %s, which cannot be reached, stays",
                 node->name);
    else if (is_older(p, node, e))
        remove_copy(p, node, &e->info->id);
}

void gput_remove_older(struct gput *p)
{
    CLEANUP_MODEL struct model *m = p->w->model(p->w->arg);

    gput_phase(p, "removing older copies");
    gput_say(p, "Removing old exports for instance %s", p->written->instance);
    for (size_t i = 0; i < p->seen->n; i++) {
        const struct model_node *node = model_find_node(m, p->seen->nodes[i].name);

        if (node && strcmp(node->name, p->node->name) != 0)
            see_to(p, &p->seen->nodes[i], node);
    }
}

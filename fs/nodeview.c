/* nodeview.c - model and catalog of one moment. */
#include "fs/nodeview.h"

#include "fs/lane.h"

#include <string.h>

int nodeview_get(struct fs *fs, const char *node, struct nodeview *ret)
{
    CLEANUP_NODEVIEW struct nodeview v = {.model = fs->cluster->ops->model(fs->cluster),
                                          .catalog = fs->cluster->ops->catalog(fs->cluster)};
    v.node = model_find_node(v.model, node);
    if (!v.node)
        return -ENOENT;
    if (v.node->offline || v.node->error)
        return -EHOSTDOWN;
    v.exports = catalog_find_node(v.catalog, node);
    if (!v.exports || v.exports->state == NODE_UNREACHABLE)
        return -EHOSTUNREACH;
    if (v.exports->state == NODE_OFFLINE)
        return -EHOSTDOWN;
    *ret = v;
    v = (struct nodeview){0};
    return 0;
}

int nodeview_lane(struct fs *fs, struct inode *i, struct lane **ret)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, i->node, &v);
    if (r < 0 || !v.exports->space.remote)
        return r;
    *ret = lanes_get(fs->lanes, i->node);
    return *ret ? 0 : -ENOMEM;
}

void nodeview_clear(struct nodeview *v)
{
    model_unref(v->model);
    if (v->catalog)
        catalog_unref(v->catalog);
    *v = (struct nodeview){0};
}

const struct catalog_export *nodeview_find(const struct nodeview *v, const char *name)
{
    return catalog_find(v->catalog, v->exports->name, name);
}

const struct node_export_file *nodeview_file(const struct catalog_export *exp, const char *file)
{
    for (size_t k = 0; exp->info && k < exp->info->nfiles; k++)
        if (strcmp(exp->info->files[k].name, file) == 0)
            return &exp->info->files[k];
    return NULL;
}

int nodeview_remove(struct fs *fs, const struct nodeview *v, const struct catalog_export *exp)
{
    struct err err;
    return fs->opt->manage ? jobs_remove(fs->jobs, v->node->name, exp->name, &exp->info->id, &err)
                           : -EPERM;
}

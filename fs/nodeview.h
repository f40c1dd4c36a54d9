/* nodeview.h - what is known of a node's exports at the moment, for the directories that show it.
 */
#ifndef FS_NODEVIEW_H
#define FS_NODEVIEW_H

#include "fs/fs.h"

struct nodeview {
    struct model *model;
    struct catalog *catalog;
    const struct model_node *node;      /* in model */
    const struct catalog_node *exports; /* in catalog */
};

/* 0, and *ret for nodeview_clear(); -ENOENT: no such node, -EHOSTDOWN: offline, -EHOSTUNREACH:
 * not answering, or not asked yet. */
int nodeview_get(struct fs *fs, const char *node, struct nodeview *ret);
void nodeview_clear(struct nodeview *v); /* {0} allowed */
#define CLEANUP_NODEVIEW CLEANUP(nodeview_clear)

/* node_class.lane of what lies on a node. */
int nodeview_lane(struct fs *fs, struct inode *i, struct lane **ret);

/* NULL when there is no such export. */
const struct catalog_export *nodeview_find(const struct nodeview *v, const char *name);
/* NULL when there is no such file. */
const struct node_export_file *nodeview_file(const struct catalog_export *exp, const char *file);

/* Removes an export from the node in the background, with -o manage: it has gone from all views
 * when this returns 0.  -EPERM; -errno as of jobs_remove(). */
int nodeview_remove(struct fs *fs, const struct nodeview *v, const struct catalog_export *exp);

#endif

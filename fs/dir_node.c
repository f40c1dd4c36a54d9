/* dir_node.c - nodes/NODE/: its status and what lies on it. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>

static int known(struct fs *fs, const char *node)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    return model_find_node(m, node) ? 0 : -ENOENT;
}

static int node_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    int r = known(fs, dir->node);
    if (r < 0)
        return r;
    if (strcmp(name, "status") == 0)
        return file_text_lookup(fs, INODE_NODE_STATUS, NULL, dir->node, ret);
    if (strcmp(name, "exports") == 0)
        return fs_node(fs, INODE_NODE_EXPORTS, NULL, dir->node, ret);
    if (strcmp(name, "images") == 0)
        return fs_node(fs, INODE_NODE_IMAGES, NULL, dir->node, ret);
    return -ENOENT;
}

static int node_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    int r = known(fs, dir->node);
    if (r == 0)
        r = fs_list_add(list, INODE_NODE_STATUS, NULL, dir->node, NULL, "status");
    if (r == 0)
        r = fs_list_add(list, INODE_NODE_EXPORTS, NULL, dir->node, NULL, "exports");
    if (r == 0)
        r = fs_list_add(list, INODE_NODE_IMAGES, NULL, dir->node, NULL, "images");
    return r;
}

const struct node_class dir_node_class = {
    .type = S_IFDIR,
    .entry_timeout = 60,
    .attr_timeout = 1,
    .lookup = node_lookup,
    .list = node_list,
};

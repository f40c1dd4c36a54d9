/* dir_nodes.c - nodes/: a directory per node, whatever its state. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

static int nodes_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    const struct model_node *node = model_find_node(m, name);
    if (node)
        return fs_node(fs, INODE_NODE, NULL, node->name, ret);
    node = model_expand_node(m, name);
    return node ? fs_link(fs, dir->kind, name, node->name, ret) : -ENOENT;
}

static int nodes_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    (void)dir;
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    for (size_t k = 0; k < m->nnodes; k++) {
        const char *name = m->nodes[k].name;
        if (fs_list_add(list, INODE_NODE, NULL, name, NULL, name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int nodes_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    uint64_t content = 0;
    for (size_t k = 0; k < m->nnodes; k++)
        content = XXH3_64bits_withSeed(m->nodes[k].name, strlen(m->nodes[k].name) + 1, content);
    st->st_mtim.tv_sec = fs_names_mtime(fs, i, content, fs->started);
    return 0;
}

const struct node_class dir_nodes_class = {
    .type = S_IFDIR,
    .entry_timeout = 60,
    .attr_timeout = 1,
    .getattr = nodes_getattr,
    .lookup = nodes_lookup,
    .list = nodes_list,
};

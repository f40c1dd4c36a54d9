/* dir_instances.c - instances/: a directory per instance, also for those whose file has an error:
 * their status says what is wrong. */
#include "fs/classes.h"

#include <sys/stat.h>

static int instances_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    const struct model_instance *inst = model_find_instance(m, name);
    if (inst)
        return fs_node(fs, INODE_INSTANCE, inst->name, NULL, ret);
    inst = model_expand_instance(m, name);
    return inst ? fs_link(fs, dir->kind, name, inst->name, ret) : -ENOENT;
}

static int instances_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    (void)dir;
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    for (size_t k = 0; k < m->ninstances; k++) {
        const char *name = m->instances[k]->name;
        if (fs_list_add(list, INODE_INSTANCE, name, NULL, NULL, name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int instances_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    st->st_mtim.tv_sec = fs_names_mtime(fs, i, model_names(m, false), fs->started);
    return 0;
}

const struct node_class dir_instances_class = {
    .type = S_IFDIR,
    .entry_timeout = 60,
    .attr_timeout = 1,
    .getattr = instances_getattr,
    .lookup = instances_lookup,
    .list = instances_list,
};

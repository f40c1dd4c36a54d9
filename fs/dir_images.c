/* dir_images.c - images/: every usable instance's image as one tar file. */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

static int images_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    char stem[NAME_MAX + 1], target[NAME_MAX + 8];
    size_t len = fs_tar_stem(name);
    if (len == 0 || len >= sizeof(stem))
        return -ENOENT;
    memcpy(stem, name, len);
    stem[len] = 0;
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    const struct model_instance *inst = model_expand_instance(m, stem);
    if (!inst || inst->error)
        return -ENOENT;
    if (strcmp(inst->name, stem) == 0)
        return file_image_lookup(fs, inst->name, IMAGE_TAR, "", ret);
    int n = snprintf(target, sizeof(target), "%s.tar", inst->name);
    if (n < 0 || (size_t)n >= sizeof(target))
        return -ENAMETOOLONG;
    return fs_link(fs, dir->kind, name, target, ret);
}

static int images_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    (void)dir;
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    for (size_t k = 0; k < m->ninstances; k++) {
        char name[NAME_MAX + 8];
        const struct model_instance *inst = m->instances[k];
        if (inst->error || (size_t)snprintf(name, sizeof(name), "%s.tar", inst->name) > NAME_MAX)
            continue;
        if (fs_list_add(list, INODE_IMAGE_TAR, inst->name, NULL, NULL, name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int images_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    uint64_t content = 0;
    for (size_t k = 0; k < m->ninstances; k++)
        if (!m->instances[k]->error)
            content = XXH3_64bits_withSeed(m->instances[k]->name, strlen(m->instances[k]->name) + 1,
                                           content);
    st->st_mtim.tv_sec = fs_names_mtime(fs, i, content, fs->started);
    return 0;
}

const struct node_class dir_images_class = {
    .type = S_IFDIR,
    .entry_timeout = 60,
    .getattr = images_getattr,
    .lookup = images_lookup,
    .list = images_list,
};

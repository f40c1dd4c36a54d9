/* dir_images.c - images/: every usable instance's image as one tar file.  What is written there
 * goes to a node by the rule for targets (file_upload.c). */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>

/* The full name of an instance that has an image. */
static bool is_usable(struct fs *fs, const char *name)
{
    char stem[NAME_MAX + 1];
    size_t len = fs_tar_stem(name);
    if (len == 0 || len >= sizeof(stem))
        return false;
    snprintf(stem, sizeof(stem), "%.*s", (int)len, name);
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    const struct model_instance *inst = model_find_instance(m, stem);
    return inst && !inst->error;
}

static int images_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    char stem[NAME_MAX + 1], target[NAME_MAX + 8];
    size_t len = fs_tar_stem(name);
    const struct uploads_dir here = {dir->kind, ""};
    uint64_t number = is_usable(fs, name) ? 0 : uploads_find(fs->uploads, &here, name);
    if (number)
        return file_upload_node(fs, &here, number, ret);
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
    st->st_mtim.tv_sec = fs_names_mtime(fs, i, model_names(m, true), fs->started);
    return 0;
}

static int images_create(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    return file_upload_create(fs, &(struct uploads_dir){dir->kind, ""}, name, ret);
}

static int images_rename(struct fs *fs, struct inode *dir, const char *from, const char *to)
{
    return file_upload_rename(fs, &(struct uploads_dir){dir->kind, ""}, from, to);
}

/* Images are not removed here: that is for the nodes. */
static int images_unlink(struct fs *fs, struct inode *dir, const char *name)
{
    int r = uploads_remove(fs->uploads, &(struct uploads_dir){dir->kind, ""}, name);
    return r == -ENOENT ? -EPERM : r;
}

const struct node_class dir_images_class = {
    .type = S_IFDIR,
    .writable = true,
    .entry_timeout = 60,
    .attr_timeout = 1,
    .getattr = images_getattr,
    .lookup = images_lookup,
    .list = images_list,
    .create = images_create,
    .unlink = images_unlink,
    .rename = images_rename,
    .takes_uploads = true,
};

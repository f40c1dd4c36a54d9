/* dir_nodeimages.c - nodes/NODE/images/: the complete exports there as tar files.
 *
 * A new name that is an instance's may be created and written to, see file_upload.c: what is
 * published has the name all the while.  To unlink one removes that copy of the export, its
 * directory as well.
 */
#include "fs/classes.h"
#include "fs/nodeview.h"

#include <string.h>
#include <sys/stat.h>

/* "NAME.tar" -> "NAME" in stem (NAME_MAX + 1 bytes); false when it is not such a name. */
static bool stem_of(const char *name, char *stem)
{
    size_t len = fs_tar_stem(name);
    if (len == 0 || len > NAME_MAX)
        return false;
    memcpy(stem, name, len);
    stem[len] = 0;
    return true;
}

/* A short name of an instance whose export is here. */
static int short_lookup(struct fs *fs, const struct inode *dir, const struct nodeview *v,
                        const char *name, const char *stem, struct inode **ret)
{
    char target[NAME_MAX + 8];
    const struct model_instance *inst = model_expand_instance(v->model, stem);
    const struct catalog_export *exp = inst ? nodeview_find(v, inst->name) : NULL;
    if (!exp || !exp->complete)
        return -ENOENT;
    if ((size_t)snprintf(target, sizeof(target), "%s.tar", inst->name) > NAME_MAX)
        return -ENAMETOOLONG;
    return fs_link(fs, dir->kind, name, target, ret);
}

static int images_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    char stem[NAME_MAX + 1];
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    if (r < 0)
        return r;
    const struct catalog_export *exp = stem_of(name, stem) ? nodeview_find(&v, stem) : NULL;
    if (exp && exp->complete)
        return file_nodetar_lookup(fs, v.node, exp, ret);
    const struct uploads_dir here = {dir->kind, dir->node};
    uint64_t number = uploads_find(fs->uploads, &here, name);
    if (number)
        return file_upload_node(fs, &here, number, ret);
    return exp || !stem_of(name, stem) ? -ENOENT : short_lookup(fs, dir, &v, name, stem, ret);
}

static int images_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    for (size_t k = 0; r == 0 && k < v.exports->n; k++) {
        char name[NAME_MAX + 8];
        const struct catalog_export *exp = v.exports->exports[k];
        if (!exp->complete || (size_t)snprintf(name, sizeof(name), "%s.tar", exp->name) > NAME_MAX)
            continue;
        r = fs_list_add(list, INODE_NODE_TAR, exp->name, dir->node, NULL, name);
    }
    return r;
}

static int images_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    if (nodeview_get(fs, i->node, &v) < 0)
        return 0;
    int64_t newest;
    uint64_t content = catalog_content(v.exports, &newest);
    st->st_mtim.tv_sec = fs_names_mtime(fs, i, content, newest ? newest : fs->started);
    return 0;
}

static int images_create(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    return file_upload_create(fs, &(struct uploads_dir){dir->kind, dir->node}, name, ret);
}

static int images_rename(struct fs *fs, struct inode *dir, const char *from, const char *to)
{
    return file_upload_rename(fs, &(struct uploads_dir){dir->kind, dir->node}, from, to);
}

/* A short name is a link that nobody has made, and nobody can remove. */
static int images_unlink(struct fs *fs, struct inode *dir, const char *name)
{
    char stem[NAME_MAX + 1];
    struct inode *link = NULL;
    CLEANUP_NODEVIEW struct nodeview v = {0};
    if (uploads_remove(fs->uploads, &(struct uploads_dir){dir->kind, dir->node}, name) == 0)
        return 0;
    int r = fs->opt->manage ? nodeview_get(fs, dir->node, &v) : -EPERM;
    if (r < 0)
        return r;
    if (!stem_of(name, stem))
        return -ENOENT;
    const struct catalog_export *exp = nodeview_find(&v, stem);
    if (exp)
        return exp->complete ? nodeview_remove(fs, &v, exp) : -ENOENT;
    r = short_lookup(fs, dir, &v, name, stem, &link);
    inode_put(fs->inodes, link);
    return r < 0 ? r : -EPERM;
}

const struct node_class dir_nodeimages_class = {
    .type = S_IFDIR,
    .entry_timeout = 60,
    .attr_timeout = 1,
    .writable = true,
    .getattr = images_getattr,
    .lookup = images_lookup,
    .list = images_list,
    .create = images_create,
    .unlink = images_unlink,
    .rename = images_rename,
    .takes_uploads = true,
};

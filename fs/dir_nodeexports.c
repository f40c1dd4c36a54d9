/* dir_nodeexports.c - nodes/NODE/exports/: the directories that lie there, complete or not; what an
 * exporter is making one in is not one.
 *
 * With -o manage one is removed as rm -r does it: all its files unlinked, which by itself means
 * nothing (dir_nodeexport.c), then the directory.  One that still has files is ENOTEMPTY, as
 * rmdir(1) promises.  So an export goes whole or stays whole, and goes only if that was meant.
 */
#include "export/names.h"
#include "fs/classes.h"
#include "fs/nodeview.h"
#include "fs/unlinked.h"
#include "lock/clock.h"

#include <string.h>
#include <sys/stat.h>

static int upload_node(struct fs *fs, struct inode *dir, const char *name, uint64_t number,
                       struct inode **ret)
{
    struct inode_key key = {
        .kind = INODE_UPLOAD_DIR, .instance = name, .node = dir->node, .version = number};
    struct inode_frozen frozen = {.mtime = fs_now(), .secret = true};
    return inode_intern(fs->inodes, &key, &frozen, ret);
}

/* Under the name of an instance, known or not: it must be the whole one. */
static int exports_mkdir(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    struct upload *u;
    struct err err;
    uint64_t number;
    if (!model_find_instance(m, name) && (!names_valid(name) || !strchr(name, '.')))
        return -EPERM;
    int r = upload_new(fs->jobs, UPLOAD_DIRECTORY, name, dir->node, &u, &err);
    if (r < 0)
        return r;
    r = uploads_add(fs->uploads, &(struct uploads_dir){dir->kind, dir->node}, name, u, &number);
    if (r < 0) {
        upload_unref(u);
        return r;
    }
    uploads_opened(fs->uploads, number);
    uploads_closed(fs->uploads, number);
    return upload_node(fs, dir, name, number, ret);
}

static int exports_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    if (r < 0)
        return r;
    const struct catalog_export *exp = nodeview_find(&v, name);
    if (exp)
        return fs_node(fs, INODE_NODE_EXPORT, exp->name, dir->node, ret);
    uint64_t number = uploads_find(fs->uploads, &(struct uploads_dir){dir->kind, dir->node}, name);
    if (number)
        return upload_node(fs, dir, name, number, ret);
    const struct model_instance *inst = model_expand_instance(v.model, name);
    if (!inst || !nodeview_find(&v, inst->name))
        return -ENOENT;
    return fs_link(fs, dir->kind, name, inst->name, ret);
}

static int exports_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    for (size_t k = 0; r == 0 && k < v.exports->n; k++) {
        const char *name = v.exports->exports[k]->name;
        r = fs_list_add(list, INODE_NODE_EXPORT, name, dir->node, NULL, name);
    }
    return r;
}

static int exports_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    if (nodeview_get(fs, i->node, &v) < 0)
        return 0; /* a node that is away keeps its place */
    int64_t newest;
    uint64_t content = catalog_content(v.exports, &newest);
    st->st_mtim.tv_sec = fs_names_mtime(fs, i, content, newest ? newest : fs->started);
    return 0;
}

static int remove_export(struct fs *fs, const struct nodeview *v, const struct catalog_export *exp)
{
    struct inode *i = NULL;
    if (fs->opt->manage && !unlinked_all(fs->unlinked, v->node->name, exp, clock_s()))
        return -ENOTEMPTY;
    int r = nodeview_remove(fs, v, exp);
    if (r < 0)
        return r;
    /* the kernel finds nothing any more in a directory that was removed */
    if (fs_node(fs, INODE_NODE_EXPORT, exp->name, v->node->name, &i) == 0)
        inode_retire(fs->inodes, i);
    inode_put(fs->inodes, i);
    return 0;
}

static void seen(void *arg, const char *name)
{
    (void)name;
    *(bool *)arg = true;
}

static int remove_upload(struct fs *fs, struct inode *dir, const char *name)
{
    const struct uploads_dir here = {dir->kind, dir->node};
    struct upload *u = uploads_get(fs->uploads, uploads_find(fs->uploads, &here, name));
    bool files = false;
    if (u)
        upload_list(u, seen, &files);
    upload_unref(u);
    return files ? -ENOTEMPTY : uploads_remove(fs->uploads, &here, name);
}

static int exports_rmdir(struct fs *fs, struct inode *dir, const char *name)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    if (r < 0)
        return r;
    const struct catalog_export *exp = nodeview_find(&v, name);
    if (exp)
        return remove_export(fs, &v, exp);
    return remove_upload(fs, dir, name);
}

const struct node_class dir_nodeexports_class = {
    .type = S_IFDIR,
    .entry_timeout = 60,
    .attr_timeout = 1,
    .writable = true,
    .getattr = exports_getattr,
    .lookup = exports_lookup,
    .list = exports_list,
    .mkdir = exports_mkdir,
    .rmdir = exports_rmdir,
};

/* dir_nodeexport.c - nodes/NODE/exports/NAME/: the regular files of one export there.
 *
 * With -o manage they can be unlinked, which changes nothing until all are, and the directory is
 * removed (unlinked.h): nobody ever sees half an export.
 */
#include "fs/classes.h"
#include "fs/nodeview.h"
#include "fs/unlinked.h"
#include "lock/clock.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

/* config.ini may carry secrets, whosever it is. */
static bool is_secret(const char *file)
{
    return strcmp(file, "config.ini") == 0;
}

static int file_lookup(struct fs *fs, const struct inode *dir, const struct catalog_export *exp,
                       const struct node_export_file *f, struct inode **ret)
{
    uint64_t parts[] = {exp->info->id.dev, f->ino, f->size, (uint64_t)f->mtime.tv_sec,
                        (uint64_t)f->mtime.tv_nsec};
    struct inode_key key = {.kind = INODE_NODE_FILE,
                            .instance = exp->name,
                            .node = dir->node,
                            .file = f->name,
                            .version = XXH3_64bits(parts, sizeof(parts))};
    struct inode_frozen frozen = {.mtime = f->mtime.tv_sec,
                                  .size = f->size,
                                  .blocks512 = f->blocks512,
                                  .secret = is_secret(f->name)};
    return inode_intern(fs->inodes, &key, &frozen, ret);
}

static int export_lookup(struct fs *fs, struct inode *dir, const char *name, struct inode **ret)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    if (r < 0)
        return r;
    const struct catalog_export *exp = nodeview_find(&v, dir->instance);
    const struct node_export_file *f = exp ? nodeview_file(exp, name) : NULL;
    return f ? file_lookup(fs, dir, exp, f, ret) : -ENOENT;
}

static int export_list(struct fs *fs, struct inode *dir, struct dirlist *list)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = nodeview_get(fs, dir->node, &v);
    if (r < 0)
        return r;
    const struct catalog_export *exp = nodeview_find(&v, dir->instance);
    if (!exp)
        return -ENOENT;
    for (size_t k = 0; r == 0 && exp->info && k < exp->info->nfiles; k++) {
        const char *name = exp->info->files[k].name;
        r = fs_list_add(list, INODE_NODE_FILE, exp->name, dir->node, name, name);
    }
    return r;
}

static int export_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    if (nodeview_get(fs, i->node, &v) < 0)
        return 0;
    const struct catalog_export *exp = nodeview_find(&v, i->instance);
    if (exp && exp->info)
        st->st_mtim.tv_sec = exp->info->published;
    return 0;
}

/* cp -a and rsync set a directory's times last, when it may be published already. */
static bool was_written(struct fs *fs, struct inode *i)
{
    return uploads_was(fs->uploads, &(struct uploads_dir){INODE_NODE_EXPORTS, i->node},
                       i->instance);
}

static int export_unlink(struct fs *fs, struct inode *dir, const char *name)
{
    CLEANUP_NODEVIEW struct nodeview v = {0};
    int r = fs->opt->manage ? nodeview_get(fs, dir->node, &v) : -EPERM;
    if (r < 0)
        return r;
    const struct catalog_export *exp = nodeview_find(&v, dir->instance);
    if (!exp || !nodeview_file(exp, name))
        return -ENOENT;
    return unlinked_note(fs->unlinked, dir->node, exp, name, clock_s());
}

const struct node_class dir_nodeexport_class = {
    .type = S_IFDIR,
    .entry_timeout = FS_MOMENT,
    .attr_timeout = 1,
    .managed = true,
    .getattr = export_getattr,
    .lookup = export_lookup,
    .list = export_list,
    .unlink = export_unlink,
    .staged = was_written,
};

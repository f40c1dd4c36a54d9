/* ops_name.c - names that go or move; and what the tree does not let anybody do, said in a way that
 * rm(1) and mv(1) understand.
 *
 * The kernel holds the directory's lock meanwhile: nothing here waits.
 */
#include "fs/ops_name.h"

#include "fs/classes.h"

#include <string.h>

static struct fs *fs_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

static int may_change(struct fs *fs, fuse_req_t req)
{
    return fs->opt->ro ? -EROFS : fs_may_act(fs, req);
}

void ops_name_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct fs *fs = fs_of(req);
    struct inode *dir = inode_get(fs->inodes, parent);
    int r = dir ? may_change(fs, req) : -ESTALE;
    if (r == 0)
        r = node_class_of(dir)->unlink ? node_class_of(dir)->unlink(fs, dir, name) : -EPERM;
    fuse_reply_err(req, -r);
    inode_put(fs->inodes, dir);
}

void ops_name_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct fs *fs = fs_of(req);
    struct inode *dir = inode_get(fs->inodes, parent);
    int r = dir ? may_change(fs, req) : -ESTALE;
    if (r == 0)
        r = node_class_of(dir)->rmdir ? node_class_of(dir)->rmdir(fs, dir, name) : -EPERM;
    fuse_reply_err(req, -r);
    inode_put(fs->inodes, dir);
}

/* Do both hold copies, of the same form, on different nodes?  Then mv(1) is to copy and remove. */
static bool are_other_nodes(const struct inode *from, const struct inode *to)
{
    return from->kind == to->kind && strcmp(from->node, to->node) != 0 &&
           (from->kind == INODE_NODE_IMAGES || from->kind == INODE_NODE_EXPORTS ||
            from->kind == INODE_NODE_EXPORT);
}

static int rename_in(struct fs *fs, struct inode *from, const struct inode *to, const char *name,
                     const char *newname, unsigned flags)
{
    if (from != to || !node_class_of(from)->rename || (flags & RENAME_EXCHANGE))
        return -EPERM;
    return node_class_of(from)->rename(fs, from, name, newname);
}

/* Whatever the flags: mv(1) tries RENAME_NOREPLACE first, and does without after ENOSYS or EINVAL.
 */
void ops_name_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t newparent,
                     const char *newname, unsigned flags)
{
    struct fs *fs = fs_of(req);
    struct inode *from = inode_get(fs->inodes, parent), *to = inode_get(fs->inodes, newparent);
    int r = from && to ? may_change(fs, req) : -ESTALE;
    if (r == 0)
        r = are_other_nodes(from, to) ? -EXDEV : rename_in(fs, from, to, name, newname, flags);
    fuse_reply_err(req, -r);
    inode_put(fs->inodes, from);
    inode_put(fs->inodes, to);
}

void ops_name_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
    (void)parent, (void)name, (void)mode, (void)rdev;
    fuse_reply_err(req, EPERM);
}

void ops_name_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
    (void)target, (void)parent, (void)name;
    fuse_reply_err(req, EPERM);
}

void ops_name_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
    (void)ino, (void)parent, (void)name;
    fuse_reply_err(req, EPERM);
}

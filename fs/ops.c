/* ops.c - nodes and attributes: init, lookup, forget, getattr, setattr, readlink, create, statfs.
 * Open files are in ops_file.c, open directories in ops_dir.c, names that go or move in ops_name.c.
 *
 * Each request is answered exactly once, here or, for reads, by the class.  A node that the kernel
 * names and we do not know is ESTALE, which makes the kernel look its path up again.
 */
#include "fs/ops.h"

#include "fs/backing.h"
#include "fs/classes.h"
#include "fs/handles.h"
#include "fs/ops_dir.h"
#include "fs/ops_file.h"
#include "fs/ops_name.h"
#include "fs/statfs.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static struct fs *fs_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
    struct fs *fs = userdata;
    /* sizes and times belong to nodes here: nothing is to be guessed from changing ones */
    conn->want &= ~(unsigned)(FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_READDIRPLUS |
                              FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_WRITEBACK_CACHE);
    conn->want |= conn->capable & (FUSE_CAP_ASYNC_READ | FUSE_CAP_ASYNC_DIO |
                                   FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_PARALLEL_DIROPS);
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 17)
    conn->want |= conn->capable & FUSE_CAP_DIRECT_IO_ALLOW_MMAP;
#endif
    backings_ask(fs->backings, conn);
    /* pages of a node that hangs must not hold up those of others */
    conn->max_background = 1024;
    conn->congestion_threshold = 768;
    fs->ready(fs->ready_arg);
}

static int fill_entry(struct fs *fs, struct inode *i, struct fuse_entry_param *e)
{
    const struct node_class *class = node_class_of(i);
    *e = (struct fuse_entry_param){.ino = i->nodeid,
                                   .entry_timeout = class->entry_timeout,
                                   .attr_timeout = class->attr_timeout};
    return fs_getattr(fs, i, &e->attr);
}

static void reply_entry(fuse_req_t req, struct fs *fs, struct inode *i)
{
    struct fuse_entry_param e;
    int r = fill_entry(fs, i, &e);
    if (r < 0) {
        fuse_reply_err(req, -r);
        return;
    }
    inode_looked_up(fs->inodes, i);
    if (fuse_reply_entry(req, &e) < 0)
        inode_forget(fs->inodes, i->nodeid, 1);
}

static int lookup(struct fs *fs, pid_t tid, struct inode *dir, const char *name, struct inode **ret)
{
    const struct uploads_dir here = {dir->kind, dir->node};
    if (strlen(name) > NAME_MAX) /* the kernel's own limit for FUSE is 1024 */
        return -ENAMETOOLONG;
    uint64_t number =
        node_class_of(dir)->takes_uploads ? uploads_shown(fs->uploads, tid, &here, name) : 0;
    if (number)
        return file_upload_node(fs, &here, number, ret);
    return node_class_of(dir)->lookup ? node_class_of(dir)->lookup(fs, dir, name, ret) : -ENOTDIR;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct fs *fs = fs_of(req);
    struct inode *dir = inode_get(fs->inodes, parent), *i = NULL;
    int r = dir ? lookup(fs, fuse_req_ctx(req)->pid, dir, name, &i) : -ESTALE;
    if (r < 0)
        fuse_reply_err(req, -r);
    else
        reply_entry(req, fs, i);
    inode_put(fs->inodes, i);
    inode_put(fs->inodes, dir);
}

static void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
    inode_forget(fs_of(req)->inodes, ino, nlookup);
    fuse_reply_none(req);
}

static void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
    for (size_t k = 0; k < count; k++)
        inode_forget(fs_of(req)->inodes, forgets[k].ino, forgets[k].nlookup);
    fuse_reply_none(req);
}

static void reply_attr(fuse_req_t req, struct fs *fs, struct inode *i)
{
    struct stat st;
    int r = fs_getattr(fs, i, &st);
    if (r < 0)
        fuse_reply_err(req, -r);
    else
        fuse_reply_attr(req, &st, node_class_of(i)->attr_timeout);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)fi;
    struct fs *fs = fs_of(req);
    struct inode *i = inode_get(fs->inodes, ino);
    if (i)
        reply_attr(req, fs, i);
    else
        fuse_reply_err(req, ESTALE);
    inode_put(fs->inodes, i);
}

static bool is_staged(struct fs *fs, struct inode *i)
{
    const struct node_class *class = node_class_of(i);
    return class->staged && class->staged(fs, i);
}

/* Times: "now" is a touch, all others are somebody's idea of what the image's T should be. */
static int set_times(struct fs *fs, fuse_req_t req, struct inode *i, int to_set)
{
    const struct node_class *class = node_class_of(i);
    bool now = to_set & (FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW);
    bool explicit_time = ((to_set & FUSE_SET_ATTR_ATIME) && !(to_set & FUSE_SET_ATTR_ATIME_NOW)) ||
                         ((to_set & FUSE_SET_ATTR_MTIME) && !(to_set & FUSE_SET_ATTR_MTIME_NOW));
    if (class->times_ignored || !(now || explicit_time) || (explicit_time && is_staged(fs, i)))
        return 0;
    if (explicit_time || !class->touch)
        return -EPERM;
    int r = fs_may_act(fs, req);
    return r < 0 ? r : class->touch(fs, i);
}

static int set_attributes(struct fs *fs, fuse_req_t req, struct inode *i, const struct stat *attr,
                          int to_set, struct fuse_file_info *fi)
{
    const struct node_class *class = node_class_of(i);
    if (fs->opt->ro)
        return -EROFS;
    if ((to_set & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) &&
        !is_staged(fs, i))
        return -EPERM;
    if (!(to_set & FUSE_SET_ATTR_SIZE))
        return set_times(fs, req, i, to_set);
    if (!class->truncate)
        return -EPERM;
    struct handle *h = fi ? (struct handle *)(uintptr_t)fi->fh : NULL;
    return attr->st_size < 0 ? -EINVAL : class->truncate(fs, i, h, (uint64_t)attr->st_size);
}

static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
                       struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct inode *i = inode_get(fs->inodes, ino);
    int r = i ? set_attributes(fs, req, i, attr, to_set, fi) : -ESTALE;
    if (r < 0)
        fuse_reply_err(req, -r);
    else
        reply_attr(req, fs, i);
    inode_put(fs->inodes, i);
}

static void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
    struct fs *fs = fs_of(req);
    struct inode *i = inode_get(fs->inodes, ino);
    if (i && i->kind == INODE_LINK)
        fuse_reply_readlink(req, i->file);
    else
        fuse_reply_err(req, i ? EINVAL : ESTALE);
    inode_put(fs->inodes, i);
}

static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
    (void)mode;
    struct fs *fs = fs_of(req);
    struct inode *dir = inode_get(fs->inodes, parent), *i = NULL;
    int r = dir ? fs_may_act(fs, req) : -ESTALE;
    if (r == 0 && fs->opt->ro)
        r = -EROFS;
    if (r == 0)
        r = node_class_of(dir)->mkdir ? node_class_of(dir)->mkdir(fs, dir, name, &i) : -EPERM;
    if (r < 0)
        fuse_reply_err(req, -r);
    else
        reply_entry(req, fs, i);
    inode_put(fs->inodes, i);
    inode_put(fs->inodes, dir);
}

static int create(struct fs *fs, fuse_req_t req, struct inode *dir, const char *name,
                  struct inode **ret)
{
    if (fs->opt->ro)
        return -EROFS;
    int r = fs_may_act(fs, req);
    if (r < 0)
        return r;
    return node_class_of(dir)->create ? node_class_of(dir)->create(fs, dir, name, ret) : -EPERM;
}

static void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                      struct fuse_file_info *fi)
{
    (void)mode;
    struct fs *fs = fs_of(req);
    struct inode *dir = inode_get(fs->inodes, parent), *i = NULL;
    struct handle *h = NULL;
    struct fuse_entry_param e;
    int r = dir ? create(fs, req, dir, name, &i) : -ESTALE;
    if (r == 0)
        r = fill_entry(fs, i, &e);
    if (r == 0)
        r = handles_open(fs, i, fi, &h);
    if (r < 0) {
        fuse_reply_err(req, -r);
    } else {
        inode_looked_up(fs->inodes, i);
        handles_enter(fs, h);
        if (fuse_reply_create(req, &e, fi) < 0) {
            handles_close(fs, h);
            inode_forget(fs->inodes, i->nodeid, 1);
        }
    }
    inode_put(fs->inodes, i);
    inode_put(fs->inodes, dir);
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
    (void)ino;
    struct statvfs st;
    statfs_fill(fs_of(req), &st);
    fuse_reply_statfs(req, &st);
}

/* ENOSYS, once, and the kernel would answer by itself, but that a file has no ACL, instead of that
 * none is supported here: ls would ask for those of each file, and so look each up again. */
static void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
    (void)ino, (void)name, (void)size;
    fuse_reply_err(req, EOPNOTSUPP);
}

/* No other xattrs and no access: their absence is told once, and the kernel does not ask again. */
const struct fuse_lowlevel_ops ops_table = {
    .init = op_init,
    .lookup = op_lookup,
    .forget = op_forget,
    .forget_multi = op_forget_multi,
    .getattr = op_getattr,
    .setattr = op_setattr,
    .readlink = op_readlink,
    .create = op_create,
    .statfs = op_statfs,
    .getxattr = op_getxattr,
    .mkdir = op_mkdir,
    .mknod = ops_name_mknod,
    .unlink = ops_name_unlink,
    .rmdir = ops_name_rmdir,
    .symlink = ops_name_symlink,
    .link = ops_name_link,
    .rename = ops_name_rename,
    .open = ops_file_open,
    .read = ops_file_read,
    .write = ops_file_write,
    .flush = ops_file_flush,
    .fsync = ops_file_fsync,
    .lseek = ops_file_lseek,
    .release = ops_file_release,
    .opendir = ops_dir_open,
    .readdir = ops_dir_read,
    .releasedir = ops_dir_release,
};

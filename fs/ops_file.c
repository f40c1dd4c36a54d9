/* ops_file.c - open files: everything goes by the handle, never by the nodeid, which the kernel
 * may have forgotten by then. */
#include "fs/ops_file.h"

#include "fs/handles.h"
#include "fs/pages.h"
#include "fs/park.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct fs *fs_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

static struct handle *handle_of(const struct fuse_file_info *fi)
{
    return (struct handle *)(uintptr_t)fi->fh;
}

/* touch(1) opens for writing before it sets the time, and would tell of a failure of that instead.
 * Not for reading as well: a shared mapping could then be written to, and others would read that
 * from the page cache. */
static bool may_open_to_touch(const struct node_class *class, int flags)
{
    return class->touch && (flags & O_ACCMODE) == O_WRONLY && !(flags & (O_TRUNC | O_APPEND));
}

static int write_to(struct fs *fs, fuse_req_t req, struct inode *i, int flags)
{
    int r = fs_may_act(fs, req); /* whatever the mode lets him do */
    return r < 0 ? r : node_class_of(i)->write_to(fs, i, fuse_req_ctx(req)->pid, flags);
}

static int may_open(struct fs *fs, fuse_req_t req, struct inode *i, const struct fuse_file_info *fi)
{
    const struct node_class *class = node_class_of(i);
    bool write = (fi->flags & O_ACCMODE) != O_RDONLY || (fi->flags & O_TRUNC);
    if (write && fs->opt->ro)
        return -EROFS;
    if (write && class->write_to)
        return write_to(fs, req, i, fi->flags);
    if (write && !class->writable && !may_open_to_touch(class, fi->flags))
        return -EPERM;
    return 0;
}

struct opening {
    struct inode *inode;        /* referenced */
    bool settles;               /* something may have to happen first */
    struct jobs_reader *reader; /* settle's */
    struct fuse_file_info fi;
    struct handle *handle; /* NULL once the kernel is told of it */
};

/* What was exported just now may lie where opening it hangs. */
static int settle(struct fs *fs, struct opening *o, struct park_try *t)
{
    const struct node_class *class = node_class_of(o->inode);
    int r = class->settle(fs, o->inode, t, &o->reader);
    if (r < 0 || !o->reader || t->may_hang || !class->lane)
        return r;
    r = class->lane(fs, o->inode, &t->lane);
    return r == 0 && t->lane ? -EAGAIN : r;
}

/* Pages are kept only if this thread may wait until some were forgotten. */
static void keep_pages(struct fs *fs, struct opening *o, bool may_wait)
{
    if (!node_class_of(o->inode)->counts_reads || o->fi.direct_io || o->inode->backing)
        return;
    bool cached = atomic_exchange(&o->inode->cached, true);
    o->fi.keep_cache = may_wait && cached;
    if (o->fi.keep_cache)
        pages_forget_some(fs, o->inode);
}

static ssize_t open_attempt(const struct park_read *r, struct park_try *t)
{
    struct opening *o = r->arg;
    int e = o->settles ? settle(r->fs, o, t) : 0;
    if (e == 0)
        e = handles_open(r->fs, o->inode, &o->fi, &o->handle);
    if (e == 0)
        keep_pages(r->fs, o, t->may_hang);
    return e;
}

static uint64_t open_progress(const struct park_read *r)
{
    const struct opening *o = r->arg;
    return o->reader ? jobs_reader_progress(o->reader) : 0;
}

static void open_reply(const struct park_read *r, fuse_req_t req, ssize_t n)
{
    (void)n;
    struct opening *o = r->arg;
    struct handle *h = STEAL(o->handle);
    handles_enter(r->fs, h);
    if (fuse_reply_open(req, &o->fi) < 0)
        handles_close(r->fs, h); /* no release will come */
}

static void open_drop(const struct park_read *r)
{
    struct opening *o = r->arg;
    if (o->handle)
        handles_unref(r->fs, o->handle);
    if (o->reader)
        jobs_reader_close(o->reader);
    inode_put(r->fs->inodes, o->inode);
    free(o);
}

void ops_file_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct lane *lane = NULL;
    struct opening *o = calloc(1, sizeof(*o));
    struct inode *i = inode_get(fs->inodes, ino);
    int r = !o ? -ENOMEM : i ? may_open(fs, req, i, fi) : -ESTALE;
    if (r == 0 && node_class_of(i)->lane)
        r = node_class_of(i)->lane(fs, i, &lane);
    if (r < 0) {
        fuse_reply_err(req, -r);
        inode_put(fs->inodes, i);
        free(o);
        return;
    }
    bool settles =
        node_class_of(i)->settle && (fi->flags & O_ACCMODE) == O_RDONLY && fs_may_act(fs, req) == 0;
    *o = (struct opening){.inode = i, .settles = settles, .fi = *fi};
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .arg = o,
                                  .lane = lane,
                                  .file = IMAGE_CONFIG,
                                  .len = 1,
                                  .attempt = open_attempt,
                                  .progress = open_progress,
                                  .reply = open_reply,
                                  .drop = open_drop});
}

void ops_file_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
                   struct fuse_file_info *fi)
{
    (void)ino;
    struct fs *fs = fs_of(req);
    struct handle *h = handle_of(fi);
    if (off < 0) {
        fuse_reply_err(req, EINVAL);
        return;
    }
    handles_ref(h); /* who has the answer may close the file before `read` has returned */
    h->class->read(fs, req, h, size, (uint64_t)off, fi);
    handles_unref(fs, h);
}

void ops_file_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
                    struct fuse_file_info *fi)
{
    (void)ino;
    struct handle *h = handle_of(fi);
    if (off < 0 || !h->class->write)
        fuse_reply_err(req, off < 0 ? EINVAL : EPERM);
    else
        h->class->write(fs_of(req), req, h, buf, size, (uint64_t)off);
}

void ops_file_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    struct handle *h = handle_of(fi);
    if (h->class->flush)
        h->class->flush(fs_of(req), req, h, fi->lock_owner);
    else
        fuse_reply_err(req, 0);
}

/* Nothing is kept back that could be synced: what can be written takes effect at flush. */
void ops_file_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
    (void)ino, (void)datasync, (void)fi;
    fuse_reply_err(req, 0);
}

void fs_reply_seek(fuse_req_t req, int64_t at)
{
    if (at < 0)
        fuse_reply_err(req, (int)-at);
    else
        fuse_reply_lseek(req, at);
}

void fs_reply_parked_seek(const struct park_read *r, fuse_req_t req, ssize_t at)
{
    (void)r;
    fs_reply_seek(req, at);
}

static void seek_dense(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence)
{
    struct stat st;
    int64_t r = fs_getattr(fs, h->inode, &st);
    if (r == 0 && off >= (uint64_t)st.st_size)
        r = -ENXIO;
    else if (r == 0)
        r = whence == SEEK_DATA ? (int64_t)off : (int64_t)st.st_size;
    fs_reply_seek(req, r);
}

/* ENOSYS would make the kernel do without holes for the whole mount. */
void ops_file_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
                    struct fuse_file_info *fi)
{
    (void)ino;
    struct handle *h = handle_of(fi);
    if (whence != SEEK_DATA && whence != SEEK_HOLE)
        fs_reply_seek(req, -EINVAL);
    else if (off < 0)
        fs_reply_seek(req, -ENXIO);
    else if (h->class->seek)
        h->class->seek(fs_of(req), req, h, (uint64_t)off, whence);
    else
        seek_dense(fs_of(req), req, h, (uint64_t)off, whence);
}

void ops_file_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    handles_close(fs_of(req), handle_of(fi));
    fuse_reply_err(req, 0);
}

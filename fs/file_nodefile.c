/* file_nodefile.c - nodes/NODE/exports/NAME/FILE: one file as it lies there.
 *
 * A node is one version of the file (inode, size, mtime); a file that was changed since is ESTALE
 * to open, and one that shrinks while it is read is EIO, unless the kernel reads it by itself
 * (backing.c).  On a node that may hang it is opened, read and closed elsewhere, and past the page
 * cache: a read that waits for a page is hard to interrupt.
 */
#include "fs/backing.h"
#include "fs/classes.h"
#include "fs/nodeio.h"
#include "fs/nodeview.h"

struct nodefile_handle {
    struct handle h;
    struct node_file *file;
    struct lane *lane; /* NULL: its node does not hang */
};

static int nodefile_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    (void)fs;
    st->st_size = (off_t)i->frozen.size;
    st->st_blocks = (blkcnt_t)atomic_load(&i->blocks512);
    st->st_mtim.tv_sec = i->frozen.mtime;
    return 0;
}

static int nodefile_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi,
                         struct handle **ret)
{
    struct err err;
    struct node_file_facts now;
    CLEANUP_NODE_FILE struct node_file *file = NULL;
    int r = fs->cluster->ops->open_file(fs->cluster, i->node, i->instance, i->file, &file, &err);
    if (r < 0)
        return r == -ENOENT ? -ESTALE : r;
    r = file->ops->facts(file, &now);
    if (r < 0)
        return r;
    if (now.size != i->frozen.size || now.mtime.tv_sec != i->frozen.mtime)
        return -ESTALE;
    struct nodefile_handle *fh = calloc(1, sizeof(*fh));
    if (!fh)
        return -ENOMEM;
    r = nodeview_lane(fs, i, &fh->lane);
    if (r < 0) {
        free(fh);
        return r;
    }
    fh->file = STEAL(file);
    fi->keep_cache = !fh->lane;
    fi->direct_io = !!fh->lane;
    backing_enter(fs->backings, i,
                  &(struct backing_file){.fd = fh->lane ? -1 : node_file_fd(fh->file),
                                         .size = i->frozen.size},
                  fi);
    *ret = &fh->h;
    return 0;
}

/* Is it to be done elsewhere? */
static bool not_here(const struct nodefile_handle *fh, struct park_try *t)
{
    if (!t->may_hang)
        t->lane = fh->lane;
    return t->lane;
}

static ssize_t attempt(const struct park_read *r, struct park_try *t)
{
    const struct nodefile_handle *fh = (struct nodefile_handle *)r->handle;
    if (!t->may_hang && fh->lane && node_file_read_ready(fh->file, t->buf, r->len, r->off) == 0)
        return (ssize_t)r->len;
    if (not_here(fh, t))
        return -EAGAIN;
    int e = fh->file->ops->read(fh->file, t->buf, r->len, r->off);
    return e < 0 ? e : (ssize_t)r->len;
}

static void nodefile_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size,
                          uint64_t off, const struct fuse_file_info *fi)
{
    nodeio_read(fs, req, h, size, off, fi, attempt);
}

static ssize_t attempt_seek(const struct park_read *r, struct park_try *t)
{
    const struct nodefile_handle *fh = (struct nodefile_handle *)r->handle;
    bool elsewhere = not_here(fh, t);
    if (t->last || (elsewhere && lane_is_slow(fh->lane))) /* no map in time */
        return nodeio_no_map(r);
    if (elsewhere)
        return -EAGAIN;
    uint64_t at;
    int e = fh->file->ops->seek(fh->file, r->at, r->whence, &at);
    if (e == -EOPNOTSUPP)
        return nodeio_no_map(r);
    return e < 0 ? e : (ssize_t)at;
}

static void nodefile_seek(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence)
{
    nodeio_seek(fs, req, h, off, whence, attempt_seek);
}

static void nodefile_release(struct fs *fs, struct handle *h)
{
    struct nodefile_handle *fh = (struct nodefile_handle *)h;
    backing_leave(fs->backings, h->inode);
    node_file_unref(fh->file);
    free(fh);
}

const struct node_class file_nodefile_class = {
    .type = S_IFREG,
    .entry_timeout = FS_MOMENT,
    .attr_timeout = 60,
    .getattr = nodefile_getattr,
    .lane = nodeview_lane,
    .open = nodefile_open,
    .read = nodefile_read,
    .seek = nodefile_seek,
    .flush = nodeio_flush,
    .release = nodefile_release,
};

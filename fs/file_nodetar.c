/* file_nodetar.c - nodes/NODE/images/NAME.tar: an export that lies there as one file.
 *
 * Reading it never starts anything.  Touching it exports the instance anew, to this node.
 */
#include "fs/classes.h"
#include "fs/nodeio.h"
#include "fs/nodeview.h"

#include <sys/stat.h>

struct tar_handle {
    struct handle h;
    struct image *image;
};

static void add_member(struct tarmap_member *members, size_t *n, uint64_t *blocks512,
                       const struct node_export_file *f, int aligned)
{
    uint64_t whole = (f->size + 511) / 512;
    members[(*n)++] = (struct tarmap_member){f->name, f->size, aligned};
    /* spare blocks of one dump do not fill the holes of another */
    if (aligned)
        *blocks512 += f->blocks512 < whole ? f->blocks512 : whole;
}

/* Size and blocks of the tar: the members as image_open() will put them together. */
static int measure(const struct catalog_export *exp, uint64_t *size, uint64_t *blocks512)
{
    struct tarmap_member members[MODEL_MAX_DISKS + 2];
    size_t n = 0;
    *blocks512 = TARMAP_FIRST / 512;
    const struct node_export_file *config = nodeview_file(exp, "config.ini");
    if (!config)
        return -ENOENT;
    add_member(members, &n, blocks512, config, 0);
    for (unsigned d = 0; d < exp->ndisks; d++)
        add_member(members, &n, blocks512, &exp->info->files[exp->disk_file[d]], 1);
    if (exp->sums_file >= 0)
        add_member(members, &n, blocks512, &exp->info->files[exp->sums_file], 0);
    return catalog_tar_size(exp, members, n, size);
}

int file_nodetar_lookup(struct fs *fs, const struct model_node *node,
                        const struct catalog_export *exp, struct inode **ret)
{
    uint64_t size, blocks512;
    int r = measure(exp, &size, &blocks512);
    if (r < 0)
        return r;
    uint64_t whole = (size + 511) / 512;
    struct inode_key key = {.kind = INODE_NODE_TAR,
                            .instance = exp->name,
                            .node = node->name,
                            .version = catalog_version(exp) ^ size};
    struct inode_frozen frozen = {.mtime = exp->info->id.t,
                                  .size = size,
                                  .blocks512 = blocks512 < whole ? blocks512 : whole,
                                  .index = IMAGE_TAR,
                                  .secret = true};
    return inode_intern(fs->inodes, &key, &frozen, ret);
}

static int nodetar_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    (void)fs;
    st->st_size = (off_t)i->frozen.size;
    st->st_blocks = (blkcnt_t)atomic_load(&i->blocks512);
    st->st_mtim.tv_sec = i->frozen.mtime;
    return 0;
}

static int nodetar_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi,
                        struct handle **ret)
{
    struct err err;
    CLEANUP_NODEVIEW struct nodeview v = {0};
    CLEANUP_IMAGE struct image *img = NULL;
    int r = nodeview_get(fs, i->node, &v);
    if (r < 0)
        return r;
    const struct catalog_export *exp = nodeview_find(&v, i->instance);
    if (!exp || !exp->complete || (catalog_version(exp) ^ i->frozen.size) != i->version)
        return -ESTALE;
    r = fs->cluster->ops->open(fs->cluster, i->node, exp, false, &img, &err);
    if (r < 0)
        return r;
    if (image_size(img, IMAGE_TAR) != i->frozen.size)
        return -ESTALE;
    struct tar_handle *th = calloc(1, sizeof(*th));
    if (!th)
        return -ENOMEM;
    th->image = STEAL(img);
    fi->direct_io = !!image_node(th->image); /* file_nodefile.c */
    fi->keep_cache = !fi->direct_io;
    *ret = &th->h;
    return 0;
}

/* Is it to be done elsewhere?  -EAGAIN, and where; 0: no. */
static int not_here(const struct park_read *r, struct park_try *t)
{
    const char *node = image_node(((struct tar_handle *)r->handle)->image);
    if (!node || t->may_hang)
        return 0;
    t->lane = lanes_get(r->fs->lanes, node);
    return t->lane ? -EAGAIN : -ENOMEM;
}

/* What lies there is complete: a read waits for the node at most. */
static ssize_t attempt(const struct park_read *r, struct park_try *t)
{
    int e = not_here(r, t);
    if (e < 0)
        return e;
    ssize_t n =
        image_read(((struct tar_handle *)r->handle)->image, IMAGE_TAR, r->off, t->buf, r->len);
    return n == -EAGAIN || (n >= 0 && (size_t)n != r->len) ? -EIO : n;
}

static void nodetar_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                         const struct fuse_file_info *fi)
{
    nodeio_read(fs, req, h, size, off, fi, attempt);
}

static ssize_t attempt_seek(const struct park_read *r, struct park_try *t)
{
    uint64_t size = r->handle->inode->frozen.size, at = 0;
    int e = t->last ? 0 : not_here(r, t);
    bool slow = t->last || (e == -EAGAIN && lane_is_slow(t->lane));
    if (e < 0 && !slow)
        return e;
    if (slow) /* no map in time */
        return nodeio_no_map(r);
    e = image_seek(((struct tar_handle *)r->handle)->image, IMAGE_TAR, r->at, r->whence, size, &at);
    return e < 0 ? e : (ssize_t)at;
}

static void nodetar_seek(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence)
{
    nodeio_seek(fs, req, h, off, whence, attempt_seek);
}

static void nodetar_release(struct fs *fs, struct handle *h)
{
    (void)fs;
    image_unref(((struct tar_handle *)h)->image);
    free(h);
}

static int nodetar_touch(struct fs *fs, struct inode *i)
{
    struct err err;
    return jobs_touch(fs->jobs, i->instance, i->node, &err);
}

const struct node_class file_nodetar_class = {
    .type = S_IFREG,
    .writable = true,
    .entry_timeout = FS_MOMENT,
    .attr_timeout = 60,
    .getattr = nodetar_getattr,
    .write_to = file_upload_write_to,
    .staged = file_upload_was,
    .lane = nodeview_lane,
    .open = nodetar_open,
    .read = nodetar_read,
    .seek = nodetar_seek,
    .flush = nodeio_flush,
    .release = nodetar_release,
    .touch = nodetar_touch,
};

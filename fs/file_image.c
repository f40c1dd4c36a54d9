/* file_image.c - the files of an instance's image: instances/NAME/export/ and images/NAME.tar.
 *
 * A node is one version T of the image: its size and times never change, whatever happens to the
 * instance; only st_blocks turns from an estimate into the truth when T is published.  Opening
 * starts nothing; the first read (or seek for data) of a handle starts or joins the run that makes
 * T, and parks until its bytes are there.  A seek waits for the map of what is being exported only,
 * and not for long, nor do all seeks together, for the kernel holds the inode's lock meanwhile;
 * without a map the answer is "data to the end".
 *
 * A handle on a file that was whole at open is read by the kernel itself, if it can (backing.c), or
 * through the page cache, others past it, which makes waiting reads interruptible (DESIGN §9).  In
 * the page cache pages are kept from one open to the next, but for some (pages.c): a tool that
 * found all of a file there would never be seen to read, and the export would not stay fresh for
 * the next file that it takes.  With the last all are, for throwing them away the kernel waits for
 * pages that are being filled (of a mapping, say) with no way to interrupt it.  Pages are true, for
 * a T is for the bytes of one run.
 */
#include "fs/backing.h"
#include "fs/classes.h"
#include "fs/nodeio.h"

#include "export/names.h"

#include <sys/stat.h>
#include <xxhash.h>

struct image_handle {
    struct handle h;
    struct jobs_reader *reader;
    pthread_mutex_t lock; /* the first read: one trigger */
    atomic_bool triggered;
};

/* Checksums speak about the image: newer than it (DESIGN §3). */
static int64_t mtime_of(int64_t t, int file)
{
    return file == IMAGE_SUMS ? t + 1 : t;
}

static int64_t t_of(const struct inode *i)
{
    return i->frozen.mtime - (i->index == IMAGE_SUMS);
}

/* A node is for one size: whatever becomes of a T, no node says what is not so any more. */
static uint64_t version_of(int64_t t, uint64_t size)
{
    return XXH3_64bits_withSeed(&size, sizeof(size), (XXH64_hash_t)t);
}

static bool carries_config(int file)
{
    return file == IMAGE_CONFIG || file == IMAGE_TAR;
}

int file_image_lookup(struct fs *fs, const char *instance, int file, const char *name,
                      struct inode **ret)
{
    struct jobs_view view;
    int r = jobs_view(fs->jobs, instance, &view);
    if (r < 0)
        return r;
    struct inode_key key = {.kind = file == IMAGE_TAR ? INODE_IMAGE_TAR : INODE_IMAGE,
                            .instance = instance,
                            .file = name,
                            .version = version_of(view.t, view.size[file])};
    struct inode_frozen frozen = {.mtime = mtime_of(view.t, file),
                                  .size = view.size[file],
                                  .blocks512 = view.blocks512[file],
                                  .index = file,
                                  .secret = view.secrets && carries_config(file)};
    return inode_intern(fs->inodes, &key, &frozen, ret);
}

int64_t file_image_newest(struct fs *fs)
{
    CLEANUP_MODEL struct model *m = fs->cluster->ops->model(fs->cluster);
    int64_t newest = 0;
    struct jobs_view view;
    for (size_t k = 0; k < m->ninstances; k++)
        if (jobs_view(fs->jobs, m->instances[k]->name, &view) == 0 && view.t > newest)
            newest = view.t;
    return newest;
}

static int image_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    struct jobs_view view;
    int file = i->index;
    if (jobs_view(fs->jobs, i->instance, &view) == 0 && view.t == t_of(i)) {
        atomic_store(&i->blocks512, view.blocks512[file]);
        if (view.secrets && carries_config(file))
            st->st_mode &= ~077u;
    }
    st->st_size = (off_t)i->frozen.size;
    st->st_blocks = (blkcnt_t)atomic_load(&i->blocks512);
    st->st_mtim.tv_sec = i->frozen.mtime;
    return 0;
}

static int image_lane(struct fs *fs, struct inode *i, struct lane **ret)
{
    char node[NAMES_MAX + 1];
    if (!jobs_may_hang(fs->jobs, i->instance, t_of(i), node))
        return 0;
    *ret = lanes_get(fs->lanes, node);
    return *ret ? 0 : -ENOMEM;
}

static int image_open_lane(struct fs *fs, struct inode *i, struct lane **ret)
{
    int r = image_lane(fs, i, ret);
    if (r < 0 || *ret || !i->cached)
        return r;
    *ret = lanes_get(fs->lanes, "page cache"); /* no node has such a name */
    return *ret ? 0 : -ENOMEM;
}

/* A guessed size becomes the true one by another node of this T: this one is stale then, and the
 * kernel looks again. */
static int image_settle(struct fs *fs, struct inode *i, struct park_try *t,
                        struct jobs_reader **reader)
{
    struct jobs_view view;
    struct err err;
    int r = *reader ? 0 : jobs_view(fs->jobs, i->instance, &view);
    if (r < 0 || (!*reader && (view.t != t_of(i) || !view.guessed)))
        return r;
    if (!*reader) {
        r = jobs_reader_open(fs->jobs, i->instance, t_of(i), reader, &err);
        if (r == 0)
            r = jobs_reader_trigger(*reader, &err);
        if (r < 0)
            return r == -ENOENT ? -ESTALE : r;
    }
    CLEANUP_IMAGE struct image *img = jobs_reader_image(*reader);
    if (!img)
        return -ESTALE;
    r = image_ready(img, IMAGE_CONFIG, 0, 1);
    if (r == -EAGAIN)
        t->image = STEAL(img);
    if (r < 0)
        return r;
    jobs_reader_served(*reader, 0, false); /* who comes back for the true size finds it fresh */
    return image_size(img, i->index) == i->frozen.size ? 0 : -ESTALE;
}

/* Past the page cache, so that it can be interrupted? */
static bool may_wait(struct jobs_reader *reader, int file)
{
    CLEANUP_IMAGE struct image *img = jobs_reader_image(reader);
    return !img || !jobs_reader_whole(reader, file) || image_node(img);
}

/* A dump, once it is one: nothing of it waits, and no node hangs. */
static void enter(struct fs *fs, struct inode *i, struct jobs_reader *reader,
                  struct fuse_file_info *fi)
{
    int file = i->index;
    struct backing_file from = {.fd = -1, .size = i->frozen.size, .t = t_of(i)};
    CLEANUP_IMAGE struct image *img = jobs_reader_image(reader);
    CLEANUP_NODE_FILE struct node_file *dump = NULL;
    if (img && file >= IMAGE_DISK0 && !fi->direct_io)
        dump = image_dump(img, (unsigned)(file - IMAGE_DISK0));
    if (dump)
        from.fd = node_file_fd(dump);
    backing_enter(fs->backings, i, &from, fi);
}

static int image_file_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi,
                           struct handle **ret)
{
    struct err err;
    struct jobs_reader *reader = NULL;
    struct image_handle *ih = calloc(1, sizeof(*ih));
    if (!ih)
        return -ENOMEM;
    int r = jobs_reader_open(fs->jobs, i->instance, t_of(i), &reader, &err);
    if (r < 0) {
        free(ih);
        return r == -ENOENT ? -ESTALE : r;
    }
    pthread_mutex_init(&ih->lock, NULL);
    ih->reader = reader;
    fi->direct_io = fi->keep_cache = may_wait(reader, i->index);
    enter(fs, i, reader, fi);
    *ret = &ih->h;
    return 0;
}

/* The one act that starts an export by reading; afterwards there is an image to read from. */
static int trigger(struct image_handle *ih)
{
    struct err err;
    int r = ih->triggered ? 0 : jobs_reader_trigger(ih->reader, &err);
    if (r == 0)
        ih->triggered = true;
    return r;
}

/* *lane: the trigger must be done there, with the first attempt. */
static int begin(struct fs *fs, fuse_req_t req, struct image_handle *ih, struct lane **lane)
{
    if (ih->triggered)
        return 0;
    if (!jobs_reader_published(ih->reader)) {
        int r = fs_may_act(fs, req);
        if (r == 0)
            r = image_lane(fs, ih->h.inode, lane);
        if (r < 0 || *lane)
            return r;
    }
    LOCK_SCOPE(&ih->lock);
    return trigger(ih);
}

/* The image to try it on, referenced; NULL: *ret tells. */
static struct image *image_of(const struct park_read *r, struct park_try *t, ssize_t *ret)
{
    struct image_handle *ih = (struct image_handle *)r->handle;
    int e = t->may_hang ? trigger(ih) : 0;
    CLEANUP_IMAGE struct image *img = e < 0 ? NULL : jobs_reader_image(ih->reader);
    if (!img) {
        *ret = e < 0 ? e : -EIO;
        return NULL;
    }
    enum image_state state = image_state(img);
    bool laid_out = state == IMAGE_BUILDING || state == IMAGE_PUBLISHED;
    if (laid_out && image_size(img, ih->h.inode->index) != ih->h.inode->frozen.size) {
        *ret = -EIO;
        return NULL;
    }
    return STEAL(img);
}

/* Of what may hang only so much is found out here as memory tells. */
static ssize_t read_or_send(const struct park_read *r, struct park_try *t, struct image *img)
{
    const char *node = t->may_hang ? NULL : image_node(img);
    if (!node)
        return image_read(img, r->file, r->off, t->buf, r->len);
    ssize_t n = image_read_ready(img, r->file, r->off, t->buf, r->len);
    if (n != -EAGAIN)
        return n;
    int e = image_ready(img, r->file, r->off, r->len);
    if (e < 0)
        return e;
    t->lane = lanes_get(r->fs->lanes, node);
    return t->lane ? -EAGAIN : -ENOMEM;
}

static ssize_t attempt(const struct park_read *r, struct park_try *t)
{
    struct image_handle *ih = (struct image_handle *)r->handle;
    ssize_t n;
    CLEANUP_IMAGE struct image *img = image_of(r, t, &n);
    if (!img)
        return n;
    n = read_or_send(r, t, img);
    if (n == -EAGAIN && !t->lane)
        t->image = STEAL(img);
    else if (n >= 0 && (size_t)n != r->len)
        return -EIO; /* short is end of file to the kernel */
    else if (n > 0)
        jobs_reader_served(ih->reader, (uint64_t)n,
                           r->off + (uint64_t)n >= ih->h.inode->frozen.size);
    return n;
}

static uint64_t progress(const struct park_read *r)
{
    return jobs_reader_progress(((struct image_handle *)r->handle)->reader);
}

static void image_file_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size,
                            uint64_t off, const struct fuse_file_info *fi)
{
    struct lane *lane = NULL;
    int r = begin(fs, req, (struct image_handle *)h, &lane);
    if (r < 0) {
        fuse_reply_err(req, -r);
        return;
    }
    uint64_t left = off < h->inode->frozen.size ? h->inode->frozen.size - off : 0;
    if (left == 0) {
        fuse_reply_buf(req, NULL, 0);
        return;
    }
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .lane = lane,
                                  .lock_owner = fi->lock_owner,
                                  .file = h->inode->index,
                                  .off = off,
                                  .len = left < size ? left : size,
                                  .attempt = attempt,
                                  .progress = progress});
}

/* Where there is nothing to be learnt of holes in time. */
static ssize_t without_map(const struct park_read *r)
{
    return r->whence == SEEK_DATA ? (ssize_t)r->at : (ssize_t)r->handle->inode->frozen.size;
}

static ssize_t attempt_seek(const struct park_read *r, struct park_try *t)
{
    struct image_handle *ih = (struct image_handle *)r->handle;
    const struct inode *i = ih->h.inode;
    ssize_t e;
    if (t->last && !ih->triggered)
        return without_map(r);
    CLEANUP_IMAGE struct image *img = image_of(r, t, &e);
    if (!img)
        return e;
    enum image_state state = image_state(img);
    if (state == IMAGE_WAITING && !t->last) {
        t->image = STEAL(img);
        return -EAGAIN;
    }
    const char *node = t->may_hang ? NULL : image_node(img);
    if (node && !t->last) {
        t->lane = lanes_get(r->fs->lanes, node);
        if (!t->lane || !lane_is_slow(t->lane))
            return t->lane ? -EAGAIN : -ENOMEM;
    }
    if (node)
        return without_map(r);
    uint64_t at;
    int n = image_seek(img, i->index, r->at, r->whence, i->frozen.size, &at);
    bool at_end = n == -ENXIO; /* who knows that the rest is hole does not read it */
    if (state == IMAGE_BUILDING || state == IMAGE_PUBLISHED)
        jobs_reader_served(ih->reader, 0, at_end);
    return n < 0 ? n : (ssize_t)at;
}

static void image_file_seek(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off,
                            int whence)
{
    struct lane *lane = NULL;
    int r = off < h->inode->frozen.size ? begin(fs, req, (struct image_handle *)h, &lane) : -ENXIO;
    if (r < 0) {
        fs_reply_seek(req, r);
        return;
    }
    /* the kernel lets the next seek come when this one is answered */
    unsigned patience = jobs_reader_patience(((struct image_handle *)h)->reader, PARK_SEEK_MS);
    /* the layout is known, and with it the map, when the first byte of config.ini is there */
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .lane = lane,
                                  .file = IMAGE_CONFIG,
                                  .len = 1,
                                  .attempt = attempt_seek,
                                  .reply = fs_reply_parked_seek,
                                  .whence = whence,
                                  .at = off,
                                  .limit_ms = patience ? patience : 1,
                                  .progress = progress});
}

static void image_file_release(struct fs *fs, struct handle *h)
{
    struct image_handle *ih = (struct image_handle *)h;
    backing_leave(fs->backings, h->inode);
    jobs_reader_close(ih->reader);
    pthread_mutex_destroy(&ih->lock);
    free(ih);
}

static int image_tar_touch(struct fs *fs, struct inode *i)
{
    struct err err;
    return jobs_touch(fs->jobs, i->instance, NULL, &err);
}

#define IMAGE_FILE                                                                                 \
    .type = S_IFREG, .attr_timeout = 1, .counts_reads = true, .getattr = image_getattr,            \
    .lane = image_open_lane, .settle = image_settle, .open = image_file_open,                      \
    .read = image_file_read, .seek = image_file_seek, .flush = nodeio_flush,                       \
    .release = image_file_release

const struct node_class file_image_class = {IMAGE_FILE};
const struct node_class file_imagetar_class = {IMAGE_FILE, .writable = true,
                                               .write_to = file_upload_write_to,
                                               .staged = file_upload_was, .touch = image_tar_touch};

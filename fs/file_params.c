/* file_params.c - instances/NAME/params, and the mount's own params: read, edit, write back.
 *
 *            open(O_TRUNC)           flush             flush, release
 *     +-------------------> TRUNCATED -------> EMPTIED ---------------> back to the defaults
 *     |                         | |    ftruncate(0) ^                      (and CLEAN)
 *     |                         | +-- release ------|----------------->
 *     |    write, truncate      v                   |
 *   CLEAN --------------------> DIRTY <-- write ----+
 *     ^                         |
 *     +-- flush: checked, kept -+     a text that is refused leaves the handle CLEAN too, and the
 *                                     old text in place; close() says EINVAL
 *
 * A handle has its own copy of the text from open on.  A shell's `echo ... > params` sends a flush
 * before anything is written, so a text that open() emptied takes effect with the second flush.  It
 * should not wait for the release: that comes after close() has returned, beside a touch that
 * follows.
 */
#include "fs/classes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define PARAMS_MAX (64 * 1024)

enum state { CLEAN, TRUNCATED, EMPTIED, DIRTY };

struct params_handle {
    struct handle h;
    pthread_mutex_t lock;
    enum state state;
    bool append;
    char *text;
    size_t len, room;
};

static int get(struct fs *fs, const struct inode *i, char **text, size_t *len)
{
    return i->kind == INODE_PARAMS ? jobs_mount_params_text(fs->jobs, text, len)
                                   : jobs_params_text(fs->jobs, i->instance, text, len);
}

static int set(struct fs *fs, const struct inode *i, const char *text, size_t len)
{
    struct err err;
    return i->kind == INODE_PARAMS ? jobs_mount_params_set(fs->jobs, text, len, &err)
                                   : jobs_params_set(fs->jobs, i->instance, text, len, &err);
}

static int params_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    int r = get(fs, i, &text, &len);
    if (r < 0)
        return r == -ENOENT ? -ESTALE : r;
    st->st_size = (off_t)len;
    st->st_blocks = (blkcnt_t)(len + 511) / 512;
    st->st_mtim.tv_sec =
        versions_stamp(fs->versions, i->number, XXH3_64bits(text, len), fs->started, fs_now(), 0);
    return 0;
}

static int resize(struct params_handle *ph, uint64_t size)
{
    if (size > PARAMS_MAX)
        return -EFBIG;
    if (size > ph->room) {
        char *p = realloc(ph->text, PARAMS_MAX);
        if (!p)
            return -ENOMEM;
        ph->text = p;
        ph->room = PARAMS_MAX;
    }
    if (size > ph->len)
        memset(ph->text + ph->len, 0, size - ph->len);
    ph->len = size;
    return 0;
}

static int params_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi,
                       struct handle **ret)
{
    struct params_handle *ph = calloc(1, sizeof(*ph));
    if (!ph)
        return -ENOMEM;
    int r = get(fs, i, &ph->text, &ph->len);
    if (r < 0) {
        free(ph);
        return r == -ENOENT ? -ESTALE : r;
    }
    ph->room = ph->len;
    pthread_mutex_init(&ph->lock, NULL);
    ph->append = fi->flags & O_APPEND;
    if (fi->flags & O_TRUNC) {
        ph->len = 0;
        ph->state = TRUNCATED;
    }
    fi->direct_io = 1;
    *ret = &ph->h;
    return 0;
}

static void params_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                        const struct fuse_file_info *fi)
{
    (void)fs, (void)fi;
    struct params_handle *ph = (struct params_handle *)h;
    LOCK_SCOPE(&ph->lock);
    uint64_t left = off < ph->len ? ph->len - off : 0;
    fuse_reply_buf(req, left ? ph->text + off : NULL, left < size ? left : size);
}

static int put(struct params_handle *ph, const char *buf, size_t size, uint64_t off)
{
    LOCK_SCOPE(&ph->lock);
    uint64_t end;
    if (ph->append)
        off = ph->len;
    if (__builtin_add_overflow(off, size, &end))
        return -EFBIG;
    int r = end > ph->len ? resize(ph, end) : 0;
    if (r < 0)
        return r;
    memcpy(ph->text + off, buf, size);
    ph->state = DIRTY;
    return 0;
}

static void params_write(struct fs *fs, fuse_req_t req, struct handle *h, const char *buf,
                         size_t size, uint64_t off)
{
    (void)fs;
    int r = put((struct params_handle *)h, buf, size, off);
    if (r < 0)
        fuse_reply_err(req, -r);
    else
        fuse_reply_write(req, size);
}

static int keep(struct fs *fs, struct params_handle *ph)
{
    ph->state = CLEAN;
    return set(fs, ph->h.inode, ph->text, ph->len);
}

static int close_one(struct fs *fs, struct params_handle *ph)
{
    LOCK_SCOPE(&ph->lock);
    if (ph->state == TRUNCATED)
        ph->state = EMPTIED;
    else if (ph->state != CLEAN)
        return keep(fs, ph);
    return 0;
}

static void params_flush(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t lock_owner)
{
    (void)lock_owner;
    fuse_reply_err(req, -close_one(fs, (struct params_handle *)h));
}

static void params_release(struct fs *fs, struct handle *h)
{
    struct params_handle *ph = (struct params_handle *)h;
    if (ph->state == TRUNCATED || ph->state == EMPTIED)
        keep(fs, ph);
    pthread_mutex_destroy(&ph->lock);
    free(ph->text);
    free(ph);
}

/* truncate(2) by path: the text is cut at once, if what remains is valid. */
static int truncate_kept(struct fs *fs, const struct inode *i, uint64_t size)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    int r = get(fs, i, &text, &len);
    if (r < 0)
        return r;
    if (size > len)
        return size > PARAMS_MAX ? -EFBIG : -EINVAL; /* NULs are no parameters */
    return size == len ? 0 : set(fs, i, text, size);
}

static int params_truncate(struct fs *fs, struct inode *i, struct handle *h, uint64_t size)
{
    if (!h)
        return truncate_kept(fs, i, size);
    struct params_handle *ph = (struct params_handle *)h;
    LOCK_SCOPE(&ph->lock);
    int r = resize(ph, size);
    if (r == 0)
        ph->state = size ? DIRTY : EMPTIED;
    return r;
}

const struct node_class file_params_class = {
    .type = S_IFREG,
    .attr_timeout = FS_MOMENT,
    .writable = true,
    .getattr = params_getattr,
    .open = params_open,
    .read = params_read,
    .write = params_write,
    .flush = params_flush,
    .release = params_release,
    .truncate = params_truncate,
    .times_ignored = true,
};

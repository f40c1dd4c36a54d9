/* file_log.c - instances/NAME/log: grows while an export runs; another run is another node.
 *
 * The size is asked for anew at each stat and pages are not kept, so `tail -f` follows.  Of a run
 * that is no longer the last one a handle goes on showing what it saw, and stat the last size.
 */
#include "fs/classes.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

struct log_handle {
    struct handle h;
    pthread_mutex_t lock;
    char *text; /* as last seen */
    size_t len;
};

/* The log of just this run; -ESTALE when another one has begun. */
static int current_text(struct fs *fs, struct inode *i, char **text, size_t *len)
{
    uint64_t id = 0;
    CLEANUP_FREE char *t = NULL;
    size_t n = 0;
    int r = jobs_log_text(fs->jobs, i->instance, &id, &t, &n);
    if (r < 0)
        return r;
    if (id != i->version)
        return -ESTALE;
    atomic_store(&i->grown, n);
    *text = STEAL(t);
    *len = n;
    return 0;
}

int file_log_lookup(struct fs *fs, const char *instance, struct inode **ret)
{
    uint64_t id = 0;
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    int r = jobs_log_text(fs->jobs, instance, &id, &text, &len);
    if (r < 0)
        return r;
    struct inode_key key = {.kind = INODE_INSTANCE_LOG, .instance = instance, .version = id};
    return inode_intern(fs->inodes, &key, NULL, ret);
}

static int log_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    if (current_text(fs, i, &text, &len) < 0)
        len = atomic_load(&i->grown);
    st->st_size = (off_t)len;
    st->st_blocks = (blkcnt_t)(len + 511) / 512;
    /* when its run began: a backup that reads it meanwhile is not told that it has changed */
    st->st_mtim.tv_sec =
        versions_stamp(fs->versions, i->number, i->version, fs->started, fs_now(), 0);
    return 0;
}

static int log_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi, struct handle **ret)
{
    (void)fs, (void)i;
    struct log_handle *lh = calloc(1, sizeof(*lh));
    if (!lh)
        return -ENOMEM;
    pthread_mutex_init(&lh->lock, NULL);
    fi->direct_io = 1;
    *ret = &lh->h;
    return 0;
}

static void log_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                     const struct fuse_file_info *fi)
{
    (void)fi;
    struct log_handle *lh = (struct log_handle *)h;
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    int r = current_text(fs, h->inode, &text, &len);
    LOCK_SCOPE(&lh->lock);
    if (r == 0 && len >= lh->len) {
        free(lh->text);
        lh->text = STEAL(text);
        lh->len = len;
    }
    uint64_t left = off < lh->len ? lh->len - off : 0;
    fuse_reply_buf(req, left ? lh->text + off : NULL, left < size ? left : size);
}

static void log_release(struct fs *fs, struct handle *h)
{
    (void)fs;
    struct log_handle *lh = (struct log_handle *)h;
    pthread_mutex_destroy(&lh->lock);
    free(lh->text);
    free(lh);
}

const struct node_class file_log_class = {
    .type = S_IFREG,
    .attr_timeout = FS_MOMENT,
    .getattr = log_getattr,
    .open = log_open,
    .read = log_read,
    .release = log_release,
};

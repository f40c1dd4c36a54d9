/* file_upload.c - a name that was just created in nodes/NODE/images/.
 *
 * It lives as long as the kernel holds it and is never found by a lookup, so it vanishes when its
 * creator closes it.  Touching it exports the instance to that node.
 */
#include "fs/classes.h"

#include <sys/stat.h>

static int upload_getattr(struct fs *fs, struct inode *i, struct stat *st)
{
    (void)fs;
    st->st_mtim.tv_sec = i->frozen.mtime;
    return 0;
}

static int upload_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi,
                       struct handle **ret)
{
    (void)fs, (void)i;
    struct handle *h = calloc(1, sizeof(*h));
    if (!h)
        return -ENOMEM;
    fi->direct_io = 1; /* a write is refused when it is made, not when it is written back */
    *ret = h;
    return 0;
}

static void upload_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                        const struct fuse_file_info *fi)
{
    (void)fs, (void)h, (void)size, (void)off, (void)fi;
    fuse_reply_buf(req, NULL, 0);
}

static int upload_write(struct fs *fs, struct handle *h, const char *buf, size_t size, uint64_t off)
{
    (void)fs, (void)h, (void)buf, (void)size, (void)off;
    return -EOPNOTSUPP;
}

static int upload_touch(struct fs *fs, struct inode *i)
{
    struct err err;
    return jobs_touch(fs->jobs, i->instance, i->node, &err);
}

const struct node_class file_upload_class = {
    .type = S_IFREG,
    .writable = true,
    .getattr = upload_getattr,
    .open = upload_open,
    .read = upload_read,
    .write = upload_write,
    .touch = upload_touch,
};

/* file_nodefile.c - nodes/NODE/exports/NAME/FILE: one file as it lies there.
 *
 * A node is one version of the file (inode, size, mtime); a file that was changed since is ESTALE
 * to open, and one that shrinks while it is read is EIO.
 */
#include "fs/buffer.h"
#include "fs/classes.h"

#include <sys/stat.h>

struct nodefile_handle {
    struct handle h;
    int fd;
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
    struct stat st;
    CLEANUP_CLOSE int fd = -1;
    int r = fs->cluster->ops->open_file(fs->cluster, i->node, i->instance, i->file, &fd, &err);
    if (r < 0)
        return r == -ENOENT ? -ESTALE : r;
    if (fstat(fd, &st) < 0)
        return -errno;
    if ((uint64_t)st.st_size != i->frozen.size || st.st_mtim.tv_sec != i->frozen.mtime)
        return -ESTALE;
    struct nodefile_handle *fh = calloc(1, sizeof(*fh));
    if (!fh)
        return -ENOMEM;
    fh->fd = STEAL_FD(fd);
    fi->keep_cache = 1;
    *ret = &fh->h;
    return 0;
}

static int read_all(int fd, char *buf, size_t len, uint64_t off)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, buf + done, len - done, (off_t)(off + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

static void nodefile_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size,
                          uint64_t off, const struct fuse_file_info *fi)
{
    (void)fs, (void)fi;
    uint64_t left = off < h->inode->frozen.size ? h->inode->frozen.size - off : 0;
    size_t len = left < size ? left : size;
    char *buf = buffer_get(len);
    int r = buf ? read_all(((struct nodefile_handle *)h)->fd, buf, len, off) : -ENOMEM;
    if (r < 0)
        fuse_reply_err(req, -r);
    else
        fuse_reply_buf(req, buf, len);
}

static void nodefile_seek(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence)
{
    (void)fs;
    off_t at = -1;
    errno = ENXIO;
    if (off < h->inode->frozen.size)
        at = lseek(((struct nodefile_handle *)h)->fd, (off_t)off, whence);
    fs_reply_seek(req, at < 0 ? -errno : at);
}

static void nodefile_release(struct fs *fs, struct handle *h)
{
    (void)fs;
    close(((struct nodefile_handle *)h)->fd);
    free(h);
}

const struct node_class file_nodefile_class = {
    .type = S_IFREG,
    .attr_timeout = 60,
    .getattr = nodefile_getattr,
    .open = nodefile_open,
    .read = nodefile_read,
    .seek = nodefile_seek,
    .release = nodefile_release,
};

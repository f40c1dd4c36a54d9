/* nodeio.c - see nodeio.h. */
#include "fs/nodeio.h"

void nodeio_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                 const struct fuse_file_info *fi, nodeio_attempt *attempt)
{
    uint64_t left = off < h->inode->frozen.size ? h->inode->frozen.size - off : 0;
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .lock_owner = fi->lock_owner,
                                  .off = off,
                                  .len = left < size ? left : size,
                                  .attempt = attempt});
}

void nodeio_seek(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence,
                 nodeio_attempt *attempt)
{
    if (off >= h->inode->frozen.size) {
        fs_reply_seek(req, -ENXIO);
        return;
    }
    park_read(fs->park, req,
              &(struct park_read){.fs = fs,
                                  .handle = h,
                                  .attempt = attempt,
                                  .reply = fs_reply_parked_seek,
                                  .whence = whence,
                                  .at = off,
                                  .limit_ms = PARK_SEEK_MS});
}

ssize_t nodeio_no_map(const struct park_read *r)
{
    return r->whence == SEEK_DATA ? (ssize_t)r->at : (ssize_t)r->handle->inode->frozen.size;
}

void nodeio_flush(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t lock_owner)
{
    park_flush(fs->park, h, lock_owner);
    fuse_reply_err(req, 0);
}

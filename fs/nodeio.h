/* nodeio.h - reading and seeking in what lies on a node, whatever its files are made of. */
#ifndef FS_NODEIO_H
#define FS_NODEIO_H

#include "fs/park.h"

typedef ssize_t nodeio_attempt(const struct park_read *r, struct park_try *t);

/* Replies to a read of at most `size` bytes at off, to a seek from off; attempt as in park.h.  A
 * seek's attempt answers by nodeio_no_map() when it can only hang. */
void nodeio_read(struct fs *fs, fuse_req_t req, struct handle *h, size_t size, uint64_t off,
                 const struct fuse_file_info *fi, nodeio_attempt *attempt);
void nodeio_seek(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t off, int whence,
                 nodeio_attempt *attempt);

/* What a seek finds where nothing is known of holes: data to the end. */
ssize_t nodeio_no_map(const struct park_read *r);

/* node_class.flush */
void nodeio_flush(struct fs *fs, fuse_req_t req, struct handle *h, uint64_t lock_owner);

#endif

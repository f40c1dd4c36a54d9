/* ops_dir.h - the FUSE operations on open directories, for ops.c. */
#ifndef FS_OPS_DIR_H
#define FS_OPS_DIR_H

#include "fs/fs.h"

void ops_dir_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void ops_dir_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
                  struct fuse_file_info *fi);
void ops_dir_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

#endif

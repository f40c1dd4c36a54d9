/* ops_name.h - the FUSE operations that take names away, move them, or make others than files, for
 * ops.c. */
#ifndef FS_OPS_NAME_H
#define FS_OPS_NAME_H

#include "fs/fs.h"

void ops_name_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void ops_name_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void ops_name_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t newparent,
                     const char *newname, unsigned flags);
void ops_name_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void ops_name_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void ops_name_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);

#endif

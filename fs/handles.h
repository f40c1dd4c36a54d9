/* handles.h - all open files, so that none is left behind when the mount goes away under them. */
#ifndef FS_HANDLES_H
#define FS_HANDLES_H

#include "fs/fs.h"

int handles_new(struct handles **ret); /* 0 or -ENOMEM */
/* Opens through the node's class and enters the handle.  Blocks as the class does. */
int handles_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi, struct handle **ret);
/* Takes it out and releases it. */
void handles_close(struct fs *fs, struct handle *h);
/* Releases what the kernel has not; then frees *fs->handles. */
void handles_free(struct fs *fs);

#endif

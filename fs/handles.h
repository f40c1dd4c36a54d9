/* handles.h - all open files, so that none is left behind when the mount goes away under them. */
#ifndef FS_HANDLES_H
#define FS_HANDLES_H

#include "fs/fs.h"

int handles_new(struct handles **ret); /* 0 or -ENOMEM */
/* Opens through the node's class; the reference is the caller's.  Blocks as the class does. */
int handles_open(struct fs *fs, struct inode *i, struct fuse_file_info *fi, struct handle **ret);
/* Before the kernel is told of it, whose the reference is then; not after handles_free(). */
void handles_enter(struct fs *fs, struct handle *h);
/* An attempt that may outlive the kernel's use of it. */
void handles_ref(struct handle *h);
void handles_unref(struct fs *fs, struct handle *h);
/* Takes out what was entered; it is released by whoever uses it last. */
void handles_close(struct fs *fs, struct handle *h);
/* Releases what the kernel has not; then frees *fs->handles. */
void handles_free(struct fs *fs);

#endif

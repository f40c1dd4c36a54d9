/* pages.h - pages of an image that the kernel keeps from one open to the next, and who reads them.
 */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include "fs/fs.h"

/* The kernel forgets some pages of the node, so that whoever reads the file is seen to read.  May
 * block until pages that are being read are there: not in a thread that answers requests. */
void pages_forget_some(struct fs *fs, const struct inode *i);

#endif

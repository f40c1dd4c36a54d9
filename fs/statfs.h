/* statfs.h - what df shows. */
#ifndef FS_STATFS_H
#define FS_STATFS_H

#include "fs/fs.h"

#include <sys/statvfs.h>

/* Space of all file systems that exports lie on, each counted once, as the catalog knows it. */
void statfs_fill(struct fs *fs, struct statvfs *ret);

#endif

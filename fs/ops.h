/* ops.h - the FUSE operations: they find the node, call its class, and reply. */
#ifndef FS_OPS_H
#define FS_OPS_H

#include "fs/fs.h"

/* The session's userdata is a struct fs. */
extern const struct fuse_lowlevel_ops ops_table;

#endif

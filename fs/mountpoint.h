/* mountpoint.h - is there a place to mount on? */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include <stddef.h>

#define MOUNTPOINT_TYPE "fuse.gnt-exportfs" /* as in /proc/self/mountinfo */

/* 0 and the absolute path in *ret (the caller frees), or -errno with one line in msg: missing, not
 * a directory, a dead mount, or mounted on by gnt-exportfs already.  A directory that is not empty
 * is fine: what is in it is hidden, not lost. */
int mountpoint_check(const char *path, char **ret, char *msg, size_t msg_size);

#endif

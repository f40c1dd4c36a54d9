/* fstype.h - what is known of a file system by its type. */
#ifndef EXPORT_FSTYPE_H
#define EXPORT_FSTYPE_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/vfs.h>

/* Has it FICLONE?  The clone itself may still fail: XFS can be made without.  Pure. */
bool fstype_can_reflink(const struct statfs *fs);

/* Is a server or a program behind it, which may leave any call without an answer?  Pure. */
bool fstype_is_remote(const struct statfs *fs);

/* The same of what an open file (-1: none) lies on.  Blocks on it. */
bool fstype_fd_is_remote(int fd);

/* Has the kernel made it read-only after an error, as ext4 does with errors=remount-ro?  statvfs(3)
 * does not tell any more.  dev: its st_dev.  Reads /proc. */
bool fstype_is_emergency_ro(const struct statfs *fs, dev_t dev);

#endif

/* fstype.h - what is known of a file system by its type. */
#ifndef EXPORT_FSTYPE_H
#define EXPORT_FSTYPE_H

#include <stdbool.h>
#include <sys/vfs.h>

/* Has it FICLONE?  The clone itself may still fail: XFS can be made without.  Pure. */
bool fstype_can_reflink(const struct statfs *fs);

/* Is a server or a program behind it, which may leave any call without an answer?  Pure. */
bool fstype_is_remote(const struct statfs *fs);

#endif

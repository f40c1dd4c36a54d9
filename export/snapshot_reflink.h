/* snapshot_reflink.h - disks that are files: frozen by a reflink, opened, removed (DESIGN §5). */
#ifndef EXPORT_SNAPSHOT_REFLINK_H
#define EXPORT_SNAPSHOT_REFLINK_H

#include "export/node_ops.h"

/* Can it be frozen?  Clones the disk's first block into a nameless file beside it
 * and drops it.  -EOPNOTSUPP: a block device, or a file system that cannot. */
int snapshot_reflink_check(const struct model_disk *disk, struct err *err);

/* Freezes it: the whole disk as a nameless file beside it, so nothing is left
 * however the process ends.  What the guest has written is in it, the guest's own cache is not. */
int snapshot_reflink_take(const struct model_disk *disk, struct node_snapshot *ret,
                          struct err *err);

/* Gives it back; an empty snapshot is allowed. */
void snapshot_reflink_release(struct node_snapshot *snap);

/* node_ops.blockdev_open.  -EINVAL: neither a regular file nor a block device. */
int snapshot_disk_open(const struct model_disk *disk, int *ret_fd, struct err *err);

/* node_ops.blockdev_remove: unlinks a regular file, durably.  -EOPNOTSUPP: a block device, which is
 * never wiped; -EINVAL: something else, a symbolic link among them. */
int snapshot_disk_remove(const struct model_disk *disk, struct err *err);

#endif

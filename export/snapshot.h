/* snapshot.h - the disks of one instance, each of its own kind, frozen together (DESIGN §5). */
#ifndef EXPORT_SNAPSHOT_H
#define EXPORT_SNAPSHOT_H

#include "export/node_ops.h"

/* node_ops.blockdev_snapshot_check and the ones after it. */
int snapshot_check(const struct model_disk *disks, unsigned n, struct cancel *cancel,
                   struct err *err);
int snapshot_take(const char *state_dir, const struct model_disk *disks, unsigned n,
                  struct node_snapshot *ret, struct cancel *cancel, struct err *err);
int snapshot_verify(const struct node_snapshot *snap, struct err *err);
int snapshot_release(struct node_snapshot *snap, struct err *err);

#endif

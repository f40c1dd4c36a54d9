/* snapshot_lvm.h - disks that are LVM volumes, thick or thin (DESIGN §5, spec §6.3).
 *
 * All of these take the n disks of one instance and pass over those that are no block devices; with
 * none that is, they run nothing.  A block device that is no logical volume cannot be snapshotted.
 */
#ifndef EXPORT_SNAPSHOT_LVM_H
#define EXPORT_SNAPSHOT_LVM_H

#include "export/node_ops.h"

/* Can all of them have snapshots at once?  Changes nothing.  -EOPNOTSUPP: a device of another kind,
 * or a volume of a kind that has none; -EEXIST: the name is somebody else's; -EBUSY; -ENOSPC: no
 * room in the group for all of them together, or the thin pool is full. */
int snapshot_lvm_check(const struct model_disk *disks, unsigned n, struct cancel *cancel,
                       struct err *err);

/* Takes them one right after the other: VG/LV.snap, read-only, open for reading in ret[], which is
 * of empty snapshots before and stays so for the other disks.  What an earlier export has left of
 * that name goes first. All or none.  state_dir: where those who take snapshots hold a lock while
 * they do. */
int snapshot_lvm_take(const char *state_dir, const struct model_disk *disks, unsigned n,
                      struct node_snapshot *ret, struct cancel *cancel, struct err *err);

/* Is it still what it was?  A thick snapshot that has run full is not.  -EIO. */
int snapshot_lvm_verify(const struct node_snapshot *snap, struct err *err);

/* Closes and removes it; *snap is empty afterwards.  -EBUSY and others: it is left. */
int snapshot_lvm_release(struct node_snapshot *snap, struct err *err);

/* Removes what dead processes have left.  0 also if there is nothing.  Blocks until whoever is
 * taking a snapshot with this state directory right now, which a child of a dead process may do,
 * has done so. */
int snapshot_lvm_sweep(const char *state_dir, const struct model_disk *disks, unsigned n,
                       struct err *err);

#endif

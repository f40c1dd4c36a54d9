/* snapshot.c - see snapshot.h.  No state, any thread.
 *
 * A block device is LVM's or cannot be snapshotted (snapshot_lvm.h); all else is tried as a file
 * (snapshot_reflink.h).  Files come first: they take milliseconds, a volume takes a second, and in
 * between the guest goes on writing to what is not frozen yet.
 */
#include "export/snapshot.h"

#include "export/snapshot_lvm.h"
#include "export/snapshot_reflink.h"

#include <sys/stat.h>

static bool is_block(const struct model_disk *d)
{
    struct stat st;

    return stat(d->path, &st) == 0 && S_ISBLK(st.st_mode);
}

int snapshot_check(const struct model_disk *disks, unsigned n, struct cancel *cancel,
                   struct err *err)
{
    int r = 0;

    for (unsigned j = 0; r == 0 && j < n; j++)
        if (!is_block(&disks[j]))
            r = snapshot_reflink_check(&disks[j], err);
    return r < 0 ? r : snapshot_lvm_check(disks, n, cancel, err);
}

int snapshot_take(const char *state_dir, const struct model_disk *disks, unsigned n,
                  struct node_snapshot *ret, struct cancel *cancel, struct err *err)
{
    struct err ignored;
    int r = 0;

    for (unsigned j = 0; j < n; j++)
        ret[j] = (struct node_snapshot){.fd = -1};
    for (unsigned j = 0; r == 0 && j < n; j++)
        if (!is_block(&disks[j]))
            r = snapshot_reflink_take(&disks[j], &ret[j], err);
    if (r == 0)
        r = snapshot_lvm_take(state_dir, disks, n, ret, cancel, err);
    for (unsigned j = 0; r < 0 && j < n; j++)
        snapshot_release(&ret[j], &ignored);
    return r;
}

int snapshot_verify(const struct node_snapshot *snap, struct err *err)
{
    return snap->volume ? snapshot_lvm_verify(snap, err) : 0;
}

int snapshot_release(struct node_snapshot *snap, struct err *err)
{
    if (snap->volume)
        return snapshot_lvm_release(snap, err);
    snapshot_reflink_release(snap);
    return 0;
}

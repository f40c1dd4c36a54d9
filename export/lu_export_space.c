/* lu_export_space.c - is there room on the target?  Asked of the node itself, before the instance
 * is stopped (L7, L29).
 *
 * Only if the disks would not all fit as full copies does it matter which of them can be cloned,
 * and then it is tried: by the file system's type alone nobody knows.
 */
#include "export/lu_export.h"

#include "export/copy.h"

#include <inttypes.h>

/* Can the disk, as it is now, be cloned into its dump?  The dump is empty again afterwards. */
static bool can_clone(struct lu_export *x, unsigned j, const struct node_space *space)
{
    const struct model_disk *d = &x->inst->disks[j];
    CLEANUP_CLOSE int fd = -1;
    struct err why;
    bool cloned;

    if (!space->can_reflink || d->is_block || d->dev != space->dev)
        return false;
    if (x->lu.env->nodes->blockdev_open(x->lu.env->node_ctx, x->src, d, &fd, &why) < 0)
        return false;
    cloned = copy_reflink(fd, x->dst_fd[j], d->bytes) == 0;
    return ftruncate(x->dst_fd[j], 0) == 0 && cloned;
}

static uint64_t need(struct lu_export *x, const struct node_space *space)
{
    uint64_t sum = 0;

    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        if (space && can_clone(x, j, space))
            continue;
        if (__builtin_add_overflow(sum, target_disk_need(&x->inst->disks[j]), &sum))
            return UINT64_MAX;
    }
    return sum;
}

int lu_export_no_room(struct lu_export *x, uint64_t wanted, const struct node_space *space,
                      struct err *err)
{
    return err_set(err, ERR_EXEC, ECODE_NONE, ENOSPC,
                   "Not enough space on node %s: %" PRIu64 " MiB needed, %" PRIu64
                   " MiB free and not reserved",
                   x->target, (uint64_t)(wanted / MODEL_MIB),
                   (uint64_t)(lu_export_unreserved(x, space) / MODEL_MIB));
}

int lu_export_check_space(struct lu_export *x, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    struct node_space space;
    uint64_t room, wanted;
    int r = env->nodes->export_space(env->node_ctx, x->dst, &space, err);

    if (r < 0)
        return r;
    room = lu_export_unreserved(x, &space);
    if (need(x, NULL) <= room)
        return 0;
    wanted = need(x, &space);
    return wanted <= room ? 0 : lu_export_no_room(x, wanted, &space, err);
}

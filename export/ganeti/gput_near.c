/* gput_near.c - an upload to a node that is a directory of this machine: struct gput_target of
 * gput_parts.h.
 *
 * Staged and published as on a cluster directory (node_local.h), by exchange where the file system
 * has that: what node_ops says of the export's lock is the note's here (gput_note.h).
 */
#include "export/ganeti/gput_parts.h"

#include "lock/fullio.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static int begin(struct gput *p, struct err *err)
{
    return node_local_ops.export_stage(p->w->nodes->local, p->node, p->written->instance, &p->local,
                                       err);
}

static int there(struct gput *p, struct node_export_id *ret, struct err *err)
{
    struct node_export_info *info = NULL;
    int r =
        node_local_ops.export_info(p->w->nodes->local, p->node, p->written->instance, &info, err);

    if (r == -ENOENT) {
        *ret = (struct node_export_id){0};
        return 0;
    }
    if (r < 0)
        return r;
    *ret = info->id;
    node_export_info_free(info);
    return 0;
}

static int create(struct gput *p, const char *name, int *fd, struct err *err)
{
    return node_local_ops.stage_create(p->w->nodes->local, p->local, name, fd, err);
}

static int take(struct gput *p, unsigned i, struct err *err)
{
    const struct written_dump *d = &p->written->dumps[i];
    struct stat st;

    if (fstat(p->fds[i], &st) < 0)
        return err_sys(err, -errno, "%s on node %s", d->name, p->node->name);
    if ((uint64_t)st.st_size != d->bytes)
        return err_exec(err, "%s has become %lld bytes long, not %" PRIu64, d->name,
                        (long long)st.st_size, d->bytes);
    p->sent += d->bytes;
    gput_tell_progress(p);
    return 0;
}

static int add(struct gput *p, const char *name, const void *data, size_t len, struct err *err)
{
    CLEANUP_CLOSE int fd = -1;
    int r = create(p, name, &fd, err);

    if (r < 0)
        return r;
    r = fullio_write(fd, data, len);
    return r < 0 ? err_sys(err, r, "%s on node %s", name, p->node->name) : 0;
}

/* Its lock tells. */
static int alive(struct gput *p, struct err *err)
{
    (void)p, (void)err;
    return 0;
}

/* Publication does. */
static int date(struct gput *p, struct err *err)
{
    (void)p, (void)err;
    return 0;
}

static int publish(struct gput *p, struct err *err)
{
    struct node_export_id now;
    int r = there(p, &now, err);

    if (r < 0)
        return r;
    if (now.size != p->there.size || now.hash != p->there.hash || now.ino != p->there.ino)
        return err_set(err, ERR_EXEC, ECODE_STATE, EBUSY,
                       "Another export of %s has come to node %s meanwhile", p->written->instance,
                       p->node->name);
    return node_local_ops.finalize_export(p->w->nodes->local, STEAL(p->local), p->t, &now, err);
}

static void end(struct gput *p)
{
    node_local_ops.stage_abort(p->w->nodes->local, p->local);
}

const struct gput_target gput_near = {
    .begin = begin,
    .there = there,
    .create = create,
    .take = take,
    .add = add,
    .alive = alive,
    .date = date,
    .publish = publish,
    .end = end,
};

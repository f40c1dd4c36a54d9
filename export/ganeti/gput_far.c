/* gput_far.c - an upload to a node that is reached over SFTP: struct gput_target of gput_parts.h.
 *
 * The dumps are filled in STATE/spool, since who fills them wants files (written.h), and go from
 * there to the node one after the other, each being dropped as soon as it has arrived.  Where that
 * directory's file system has clones they take no room.
 */
#include "export/ganeti/gput_parts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define SPOOL "spool"

/* --- the spool --- */

static int spool_node(const struct gput_world *w, struct model_node *ret, struct err *err)
{
    *ret = (struct model_node){.name = (char *)SPOOL};
    if (asprintf(&ret->export_dir, "%s/" SPOOL, w->state_dir) >= 0)
        return 0;
    ret->export_dir = NULL;
    return err_sys(err, -ENOMEM, "%s", w->state_dir);
}

int gput_spool(const struct gput_world *w, const char *name, struct put **ret, struct err *err)
{
    struct model_node spool;
    int r = spool_node(w, &spool, err);

    if (r == 0)
        r = put_begin(&spool, name, ret, err);
    free(spool.export_dir);
    return r;
}

int gput_begin(const struct gput_world *w, const struct model_node *node, const char *name,
               struct put **ret, struct err *err)
{
    struct err ignored;

    if (node->address)
        return gput_spool(w, name, ret, err);
    put_sweep(node, &ignored);
    return put_begin(node, name, ret, err);
}

void gput_sweep(const struct gput_world *w)
{
    struct model_node spool;
    struct err ignored;

    if (spool_node(w, &spool, &ignored) == 0)
        put_sweep(&spool, &ignored);
    free(spool.export_dir);
}

/* --- the target --- */

static int begin(struct gput *p, struct err *err)
{
    int r = gput_spool(p->w, p->written->instance, &p->spool, err);

    if (r == 0)
        r = gnode_conn_get(p->w->nodes, p->node, &p->conn, err);
    return r < 0
               ? r
               : gnode_stage_begin(p->conn, p->node, p->written->instance, p->note, &p->stage, err);
}

static int there(struct gput *p, struct node_export_id *ret, struct err *err)
{
    return gnode_stage_there(p->stage, ret, err);
}

static int create(struct gput *p, const char *name, int *fd, struct err *err)
{
    return put_open(p->spool, name, O_RDWR | O_CREAT | O_EXCL, fd, err);
}

struct sending {
    struct gput *p;
    uint64_t before;
};

static void sent(void *arg, uint64_t done)
{
    struct sending *s = arg;

    s->p->sent = s->before + done;
    gput_tell_progress(s->p);
}

static int take(struct gput *p, unsigned i, struct err *err)
{
    const struct written_dump *d = &p->written->dumps[i];
    struct sending s = {p, p->sent};
    const struct copy_job job = {.src = p->fds[i],
                                 .dst = -1,
                                 .bytes = d->bytes,
                                 .cancel = p->run->cancel,
                                 .throttle = p->w->throttle,
                                 .progress = sent,
                                 .arg = &s};
    struct stat st;
    int r;

    if (fstat(p->fds[i], &st) < 0)
        return err_sys(err, -errno, "%s", d->name);
    if ((uint64_t)st.st_size != d->bytes)
        return err_exec(err, "%s has become %lld bytes long, not %" PRIu64, d->name,
                        (long long)st.st_size, d->bytes);
    r = gnode_stage_copy(p->stage, d->name, &job, err);
    close(STEAL_FD(p->fds[i]));
    unlinkat(p->spool->fd, d->name, 0);
    return r;
}

static int add(struct gput *p, const char *name, const void *data, size_t len, struct err *err)
{
    return gnode_stage_write(p->stage, name, data, len, err);
}

static int alive(struct gput *p, struct err *err)
{
    return gnode_stage_alive(p->stage, err);
}

static int date(struct gput *p, struct err *err)
{
    if (!gnode_stage_is_synced(p->stage))
        gput_say(p,
                 " - INFO: The SFTP server of %s cannot sync files: a crash of the node soon "
                 "after may lose the export",
                 p->node->name);
    return gnode_stage_date(p->stage, p->t, err);
}

static int publish(struct gput *p, struct err *err)
{
    struct err warning;
    int r = gnode_stage_publish(p->stage, &p->there, &warning, err);

    if (r == 0 && *warning.text)
        gput_say(p, " - WARNING: %s", warning.text);
    return r;
}

static void end(struct gput *p)
{
    gnode_stage_free(p->stage);
    gnode_conn_put(p->conn);
    put_abort(p->spool);
}

const struct gput_target gput_far = {
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

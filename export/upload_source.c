/* upload_source.c - a staged image as the source of an export (written.h): an archive is split, the
 * files of a directory are cloned or copied, for who still has them open may go on writing to them.
 * What comes out is what was checked, or nothing.
 */
#include "export/upload_internal.h"

#include "export/copy.h"
#include "export/untar.h"
#include "lock/cleanup.h"

#include <string.h>
#include <sys/stat.h>

struct source {
    struct written w; /* first */
    struct upload *u; /* referenced */
    struct manifest *m;
};

static uint64_t length(const struct written *w)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < w->ndumps; i++)
        sum += w->dumps[i].bytes; /* the check has added them up */
    return sum;
}

static int split(struct source *s, const struct written_to *to, struct err *err)
{
    const struct manifest_job job = {.fd = s->u->files[0].fd,
                                     .instance = s->u->instance,
                                     .room = UINT64_MAX,
                                     .max_bytes = UPLOAD_MOST,
                                     .cancel = to->cancel,
                                     .throttle = to->throttle};

    return untar_split(&job, s->m, to->create, to->arg, err);
}

struct part {
    const struct written_to *to;
    uint64_t before;
};

static void copied(void *arg, uint64_t watermark)
{
    const struct part *p = arg;

    p->to->progress(p->to->arg, p->before + watermark);
}

/* What is staged may be written to by whoever still has it open: it is cloned or copied. */
static int copy_file(struct source *s, const struct manifest_file *f, struct part *p,
                     XXH128_canonical_t *digest, struct err *err)
{
    struct copy_job job = {.bytes = f->size,
                           .cancel = p->to->cancel,
                           .throttle = p->to->throttle,
                           .progress = copied,
                           .arg = p};
    int i = upload_find(s->u, f->name),
        r = i < 0 ? i : p->to->create(p->to->arg, f->name, &job.dst, err);

    if (i < 0)
        return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "%s has gone", f->name);
    if (r < 0)
        return r;
    job.src = s->u->files[i % UPLOAD_FILES].fd;
    r = copy_reflink(job.src, job.dst, job.bytes);
    if (r == 0) {
        job.src = job.dst;
        job.dst = -1;
        return copy_run(&job, digest, err);
    }
    return r == -EOPNOTSUPP ? copy_run(&job, digest, err) : err_sys(err, r, "%s", f->name);
}

static int copy_files(struct source *s, const struct written_to *to, struct err *err)
{
    struct part p = {to, 0};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < s->m->n; i++) {
        const struct manifest_file *f = &s->m->dumps[i].file;
        XXH128_canonical_t digest;

        r = copy_file(s, f, &p, &digest, err);
        if (r == 0 && memcmp(&digest, &f->digest, sizeof digest) != 0)
            r = err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG,
                        "%s was written to after it was checked", f->name);
        p.before += f->size;
    }
    return r;
}

struct filling {
    struct source *s;
    const struct written_to *to;
    struct err *err;
};

static int fill_all(void *arg)
{
    const struct filling *f = arg;

    return f->s->u->kind == UPLOAD_ARCHIVE ? split(f->s, f->to, f->err)
                                           : copy_files(f->s, f->to, f->err);
}

static int fill(struct written *w, const struct written_to *to, XXH128_canonical_t *digests,
                struct err *err)
{
    struct source *s = (struct source *)w;
    struct filling f = {s, to, err};
    int r = lowly_run(to->lowly, fill_all, &f);

    if (r < 0)
        return r;
    to->progress(to->arg, length(w));
    for (unsigned i = 0; i < w->ndumps; i++)
        digests[i] = s->m->dumps[i].file.digest;
    return 0;
}

static void drop(struct written *w)
{
    struct source *s = (struct source *)w;

    upload_unref(s->u);
    manifest_free(s->m);
    free(s);
}

static const struct written_ops source_ops = {.fill = fill, .drop = drop};

/* Of our own archives and of files the data can be cloned. */
static bool can_clone(const struct upload *u, const struct manifest *m)
{
    for (unsigned i = 0; i < m->n; i++)
        if (u->kind == UPLOAD_ARCHIVE &&
            (!m->dumps[i].file.plain || m->dumps[i].file.offset % 4096))
            return false;
    return true;
}

struct written *upload_source(struct upload *u, struct manifest *m)
{
    struct source *s = calloc(1, sizeof *s);
    struct stat st;

    if (!s)
        return NULL;
    s->u = upload_ref(u);
    s->m = m;
    s->w = (struct written){.ops = &source_ops,
                            .instance = u->instance,
                            .config = m->config,
                            .config_len = m->config_len,
                            .ndumps = m->n,
                            .need = m->data};
    for (unsigned i = 0; i < m->n; i++) {
        struct written_dump *d = &s->w.dumps[i];

        d->disk = m->dumps[i].disk;
        d->bytes = m->dumps[i].file.size;
        snprintf(d->name, sizeof d->name, "%s", m->dumps[i].file.name);
    }
    if (fstat(u->put->fd, &st) == 0 && can_clone(u, m)) {
        s->w.clones = true;
        s->w.dev = st.st_dev;
    }
    return &s->w;
}

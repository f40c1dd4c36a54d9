/* untar_split.c - untar_split() of untar.h.
 *
 * First each dump that can be is cloned; what was not is then written in one pass over the archive.
 * Both are compared with what the check has seen, for the archive may be written meanwhile.
 */
#include "export/untar.h"

#include "export/copy.h"
#include "export/sink.h"
#include "export/untar_walk.h"

#include <string.h>

struct split {
    const struct manifest_job *job;
    const struct manifest *m;
    int fds[MODEL_MAX_DISKS]; /* the caller's */
    bool done[MODEL_MAX_DISKS];
    unsigned ndone;
    unsigned now; /* the dump that is being written, m->n: none */
    struct sink sink;
};

static int changed(const struct manifest_file *f, struct err *err)
{
    return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG,
                   "The archive was changed while it was read: %s is not what it was", f->name);
}

static int is_same(const struct manifest_file *f, const XXH128_canonical_t *digest, struct err *err)
{
    return memcmp(digest, &f->digest, sizeof *digest) ? changed(f, err) : 0;
}

/* The hashing of a clone, as a place in the archive. */
static void hashed(void *arg, uint64_t watermark)
{
    const struct split *s = arg;

    if (s->job->progress)
        s->job->progress(s->job->arg, s->m->dumps[s->now].file.offset + watermark);
}

static int clone_one(struct split *s, unsigned i, struct err *err)
{
    const struct manifest_file *f = &s->m->dumps[i].file;
    const struct copy_job job = {.src = s->fds[i],
                                 .dst = -1,
                                 .bytes = f->size,
                                 .cancel = s->job->cancel,
                                 .throttle = s->job->throttle,
                                 .progress = hashed,
                                 .arg = s};
    XXH128_canonical_t digest;
    int r;

    if (!f->plain)
        return 0;
    s->now = i;
    r = copy_reflink_range(s->job->fd, f->offset, s->fds[i], f->size);
    if (r == -EOPNOTSUPP)
        return 0;
    if (r < 0)
        return err_sys(err, r, "Cloning %s", f->name);
    r = copy_run(&job, &digest, err);
    if (r == 0)
        r = is_same(f, &digest, err);
    s->done[i] = r == 0;
    s->ndone += r == 0;
    return r;
}

static int begin(void *arg, const char *name, uint64_t size, struct err *err)
{
    struct split *s = arg;

    for (s->now = 0; s->now < s->m->n; s->now++) {
        const struct manifest_file *f = &s->m->dumps[s->now].file;

        if (strcmp(f->name, name))
            continue;
        if (s->done[s->now]) {
            s->now = s->m->n;
            return 0;
        }
        return f->size == size ? sink_begin(&s->sink, s->fds[s->now], size, err) : changed(f, err);
    }
    return 0;
}

static int data(void *arg, uint64_t offset, const void *bytes, size_t len, struct err *err)
{
    struct split *s = arg;
    int r;

    if (s->now == s->m->n)
        return 0;
    r = sink_zeros(&s->sink, offset, s->job->cancel, err);
    if (r == 0)
        r = throttle_take(s->job->throttle, len, s->job->cancel, err);
    return r < 0 ? r : sink_put(&s->sink, bytes, len, err);
}

static int end(void *arg, bool plain, uint64_t offset, struct err *err)
{
    struct split *s = arg;
    const struct manifest_file *f;
    XXH128_canonical_t digest;
    int r;

    (void)plain;
    (void)offset;
    if (s->now == s->m->n)
        return 0;
    f = &s->m->dumps[s->now].file;
    r = sink_zeros(&s->sink, f->size, s->job->cancel, err);
    if (r < 0)
        return r;
    sink_digest(&s->sink, &digest);
    sink_clear(&s->sink);
    s->done[s->now] = true;
    s->ndone++;
    return is_same(f, &digest, err);
}

static int copy_rest(struct split *s, struct err *err)
{
    const struct untar_visitor visitor = {s, begin, data, end};
    uint64_t zeros;
    int r = s->ndone < s->m->n ? untar_walk(s->job, &visitor, &zeros, err) : 0;

    for (unsigned i = 0; r == 0 && i < s->m->n; i++)
        if (!s->done[i])
            r = changed(&s->m->dumps[i].file, err);
    return r;
}

static void cleanup_split(struct split *s)
{
    sink_clear(&s->sink);
}

int untar_split(const struct manifest_job *job, const struct manifest *m,
                int (*create)(void *arg, const char *name, int *fd, struct err *err), void *arg,
                struct err *err)
{
    CLEANUP(cleanup_split) struct split s = {.job = job, .m = m, .now = m->n};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < m->n; i++) {
        r = create(arg, m->dumps[i].file.name, &s.fds[i], err);
        if (r == 0)
            r = clone_one(&s, i, err);
    }
    return r < 0 ? r : copy_rest(&s, err);
}

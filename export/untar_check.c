/* untar_check.c - untar_check() of untar.h: the files of the archive, judged as a manifest.
 *
 * Dumps only go through a sink that writes nothing; config.ini and XXH128SUMS are small and kept.
 * Limits are kept on the way, before the names are known to be right, for config.ini may come last.
 */
#include "export/untar.h"

#include "export/sink.h"
#include "export/tarmap.h"
#include "export/untar_walk.h"

#include <inttypes.h>
#include <string.h>

struct check {
    const struct manifest_job *job;
    struct manifest_files files;
    struct manifest_file *file; /* that is being read */
    char **text;                /* where its text goes, NULL: a dump */
    struct sink sink;
    uint64_t bytes, data; /* of the dumps before this one */
};

static int begin_text(struct check *c, const char *name, uint64_t size, size_t *len, size_t max,
                      struct err *err)
{
    if (size > max)
        return err_prereq(err, ECODE_INVAL, "%s has %" PRIu64 " bytes, more than the %zu allowed",
                          name, size, max);
    *c->text = calloc(1, (size_t)size + 1);
    if (!*c->text)
        return err_sys(err, -ENOMEM, "Reading %s", name);
    *len = (size_t)size;
    return 0;
}

static int begin(void *arg, const char *name, uint64_t size, struct err *err)
{
    struct check *c = arg;
    size_t *len, max;
    int r = manifest_found(&c->files, name, &c->file, err);

    if (r < 0)
        return r;
    c->file->size = size;
    c->text = manifest_text(&c->files, name, &len, &max);
    if (c->text)
        return begin_text(c, name, size, len, max, err);
    if (size > c->job->max_bytes - c->bytes)
        return err_prereq(err, ECODE_INVAL,
                          "With %s the dumps have more than %" PRIu64 " bytes, which is too much",
                          name, c->job->max_bytes);
    c->bytes += size;
    return sink_begin(&c->sink, -1, size, err);
}

static int data(void *arg, uint64_t offset, const void *bytes, size_t len, struct err *err)
{
    struct check *c = arg;
    int r;

    if (c->text) {
        memcpy(*c->text + offset, bytes, len); /* the walk keeps below the size */
        return 0;
    }
    r = sink_zeros(&c->sink, offset, c->job->cancel, err);
    if (r == 0)
        r = throttle_take(c->job->throttle, len, c->job->cancel, err);
    if (r == 0)
        r = sink_put(&c->sink, bytes, len, err);
    if (r == 0 && c->data + c->sink.data > c->job->room)
        return err_set(err, ERR_PREREQ, ECODE_NORES, ENOSPC,
                       "%s needs more than the %" PRIu64 " bytes that the export may take",
                       c->file->name, c->job->room);
    return r;
}

static int end(void *arg, bool plain, uint64_t offset, struct err *err)
{
    struct check *c = arg;
    int r;

    c->file->plain = plain;
    c->file->offset = offset;
    if (c->text)
        return 0;
    r = sink_zeros(&c->sink, c->file->size, c->job->cancel, err);
    if (r < 0)
        return r;
    sink_digest(&c->sink, &c->file->digest);
    c->file->data = c->sink.data;
    c->data += c->sink.data;
    sink_clear(&c->sink);
    return 0;
}

/* Ours begin with config.ini and a dump at a place of its own. */
static bool is_ours(const struct manifest_files *files)
{
    return files->n > 1 && !strcmp(files->v[0].name, EXPORTINI_FILE) &&
           files->v[1].offset == TARMAP_FIRST;
}

/* A file that was given its length before its bytes has zeros where they are missing, and those
 * behind the last dump would pass for the end marker.  But ours have a marker of just its length.
 */
static int check_zeros(const struct check *c, uint64_t zeros, struct err *err)
{
    if (c->files.sums || zeros <= TARMAP_END || !is_ours(&c->files))
        return 0;
    return err_set(err, ERR_PREREQ, ECODE_INVAL, EBADMSG,
                   "The archive is not complete: zeros where %s should be", SUMS_FILE);
}

static void cleanup_check(struct check *c)
{
    sink_clear(&c->sink);
    manifest_files_clear(&c->files);
}

int untar_check(const struct manifest_job *job, struct manifest **ret, struct err *err)
{
    CLEANUP(cleanup_check) struct check c = {.job = job};
    CLEANUP_MANIFEST struct manifest *m = NULL;
    const struct untar_visitor visitor = {&c, begin, data, end};
    uint64_t zeros;
    int r;

    if ((r = untar_walk(job, &visitor, &zeros, err)) < 0 ||
        (r = manifest_make(&c.files, job->instance, &m, err)) < 0 ||
        (r = check_zeros(&c, zeros, err)) < 0 || (r = manifest_verify(m, &c.files, err)) < 0)
        return r;
    *ret = STEAL(m);
    return 0;
}

/* lu_export_copy.c - the data of an export into its stage: config.ini and one dump per disk.
 *
 * Per disk a clone if the file systems can, which takes no time and no space but leaves the hash to
 * be made after publication; else a copy with the hash from the same pass.  The first disk that
 * fails ends it (L2, L4).  The image is told about its layout before the first byte, and about
 * progress, so that readers can follow the copy.  A snapshot goes as soon as its copy is done.
 *
 * A copy without snapshots is of one moment only if nobody writes to the disks meanwhile, and
 * readers are told of holes by the disks themselves.  The instance is down and locked; a disk that
 * was written to all the same fails the export, and until it was looked at readers wait for its
 * last byte.  When the last disk is copied all are looked at again, for they must be of one moment.
 */
#include "export/lu_export.h"

#include "export/exportini.h"
#include "lock/fullio.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int source_fd(const struct lu_export *x, unsigned j)
{
    return x->snapshots ? x->snap[j].fd : x->src_fd[j];
}

/* Is the instance's data meant to stand still while it is copied? */
static bool at_rest(const struct lu_export *x)
{
    return x->snapshots || x->stopped || !x->was_running;
}

/* A volume does not tell. */
static bool is_map(const struct lu_export *x, unsigned j)
{
    return at_rest(x) && S_ISREG(x->src_stat[j].st_mode);
}

/* Can be looked at after the copy; a snapshot need not. */
static bool is_checked(const struct lu_export *x, unsigned j)
{
    return !x->snapshots && is_map(x, j);
}

/* Who writes through a mapping moves the file's times only when a page becomes dirty: after this no
 * page is, and whatever is written later shows. */
static int settle_source(struct lu_export *x, unsigned j, struct err *err)
{
    if (fdatasync(source_fd(x, j)) < 0 || fstat(source_fd(x, j), &x->src_stat[j]) < 0)
        return err_sys(err, -errno, "%s", x->inst->disks[j].path);
    return 0;
}

/* The size that everything was laid out and promised for must still be true. */
static int open_source(struct lu_export *x, unsigned j, struct err *err)
{
    const struct lu_env *env = x->lu.env;
    const struct model_disk *d = &x->inst->disks[j];
    off_t end;
    int r;

    if (!x->snapshots) {
        r = env->nodes->blockdev_open(env->node_ctx, x->src, d, &x->src_fd[j], err);
        if (r < 0)
            return r;
    }
    end = lseek(source_fd(x, j), 0, SEEK_END);
    if (end < 0)
        return err_sys(err, -errno, "size of %s", d->path);
    if ((uint64_t)end != d->bytes)
        return err_exec(err, "%s has changed its size from %" PRIu64 " to %" PRIu64 " bytes",
                        d->path, d->bytes, (uint64_t)end);
    if (fstat(source_fd(x, j), &x->src_stat[j]) < 0)
        return err_sys(err, -errno, "%s", d->path);
    return is_checked(x, j) ? settle_source(x, j, err) : 0;
}

static int check_unchanged(struct lu_export *x, unsigned j, struct err *err)
{
    const struct stat *was = &x->src_stat[j];
    struct stat now;

    if (!is_checked(x, j))
        return 0;
    if (fstat(source_fd(x, j), &now) < 0)
        return err_sys(err, -errno, "%s", x->inst->disks[j].path);
    if (now.st_size != was->st_size || now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
        return err_exec(err, "%s was written to while it was copied, though %s is not running",
                        x->inst->disks[j].path, x->instance);
    return 0;
}

/* A snapshot is of one moment by itself, as long as it has not run full. */
static int check_snapshot(struct lu_export *x, unsigned j, struct err *err)
{
    const struct lu_env *env = x->lu.env;

    return x->snapshots ? env->nodes->blockdev_snapshot_verify(env->node_ctx, &x->snap[j], err) : 0;
}

int lu_export_stage_file(struct lu_export *x, const char *name, const char *data, size_t len,
                         struct err *err)
{
    const struct lu_env *env = x->lu.env;
    CLEANUP_CLOSE int fd = -1;
    int r = env->nodes->stage_create(env->node_ctx, x->stage, name, &fd, err);

    if (r < 0)
        return r;
    r = fullio_write(fd, data, len);
    return r < 0 ? err_sys(err, r, "%s on node %s", name, x->target) : 0;
}

int64_t lu_export_choose_t(struct lu_export *x)
{
    const struct catalog_export *old = catalog_current(x->lu.catalog, x->instance, NULL);

    if (x->lu.run->image_t)
        return x->lu.run->image_t;
    return old && old->info->id.t >= x->timestamp ? old->info->id.t + 1 : x->timestamp;
}

void lu_export_set_sum(struct sums_entry *e, const char *name)
{
    snprintf(e->name, sizeof e->name, "%s", name);
}

static int begin_image(struct lu_export *x, const char *config, size_t len, struct err *err)
{
    struct image_layout layout = {
        .t = x->t,
        .timestamp = x->timestamp,
        .config = config,
        .config_len = len,
        .ndisks = x->inst->ndisks,
        .node = x->target,
    };
    int map_fds[MODEL_MAX_DISKS], r;

    if (!x->lu.run->image)
        return 0;
    layout.map_fds = map_fds;
    for (unsigned j = 0; j < layout.ndisks; j++) {
        map_fds[j] = is_map(x, j) ? source_fd(x, j) : -1;
        layout.fds[j] = x->dst_fd[j];
        layout.bytes[j] = x->inst->disks[j].bytes;
    }
    r = image_begin(x->lu.run->image, &layout);
    return r < 0 ? err_sys(err, r, "image of %s", x->instance) : 0;
}

int lu_export_stage_config(struct lu_export *x, const char *text, size_t len, struct err *err)
{
    lu_export_set_sum(&x->sums[0], EXPORTINI_FILE);
    XXH128_canonicalFromHash(&x->sums[0].digest, XXH3_128bits(text, len));
    return lu_export_stage_file(x, EXPORTINI_FILE, text, len, err);
}

static int write_config(struct lu_export *x, struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = exportini_render(x->inst, x->timestamp, &text, &len, err);

    if (r == 0)
        r = lu_export_stage_config(x, text, len, err);
    return r < 0 ? r : begin_image(x, text, len, err);
}

struct disk_progress {
    struct lu_export *x;
    unsigned disk;
    uint64_t before; /* bytes of the disks that are done */
};

/* No reader has the end of a disk that may yet turn out to have been written to: what it took with
 * success would be of two moments. */
static uint64_t readable(const struct lu_export *x, unsigned j, uint64_t watermark)
{
    return is_checked(x, j) && watermark && watermark == x->inst->disks[j].bytes ? watermark - 1
                                                                                 : watermark;
}

static void progressed(void *arg, uint64_t watermark)
{
    struct disk_progress *p = arg;
    const struct lu_run *run = p->x->lu.run;

    if (run->image)
        image_watermark(run->image, p->disk, readable(p->x, p->disk, watermark));
    if (run->progress)
        run->progress(run->arg, p->before + watermark, p->x->total);
}

static int copy_disk(struct lu_export *x, unsigned j, uint64_t before, struct err *err)
{
    struct disk_progress progress = {x, j, before};
    const struct copy_job job = {
        .src = source_fd(x, j),
        .dst = x->dst_fd[j],
        .bytes = x->inst->disks[j].bytes,
        .cancel = x->lu.run->cancel,
        .throttle = x->lu.env->throttle,
        .progress = progressed,
        .arg = &progress,
    };
    struct sums_entry *sum = &x->sums[1 + j];
    char name[32];
    int r = copy_reflink(job.src, job.dst, job.bytes);

    snprintf(name, sizeof name, "disk%u.raw", j);
    lu_export_set_sum(sum, name);
    if (r == 0) {
        progressed(&progress, job.bytes);
        return 0;
    }
    if (r != -EOPNOTSUPP)
        return err_sys(err, r, "clone of %s", x->inst->disks[j].path);
    r = lowly_copy(&x->lu.env->lowly, &job, &sum->digest, err);
    x->hashed[j] = r == 0;
    return r;
}

static int disk_failed(unsigned j, int r, struct err *err)
{
    return r == -ECANCELED ? r
                           : err_prefix(err, "Export failed, errors in disk export: disk(s) %u", j);
}

/* Each stood still when it was done: do they still, now that the last one is? */
static int check_all_unchanged(struct lu_export *x, struct err *err)
{
    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        int r = check_unchanged(x, j, err);

        if (r < 0)
            return disk_failed(j, r, err);
        lu_export_release_source(x, j);
    }
    return 0;
}

static int copy_all(struct lu_export *x, struct err *err)
{
    uint64_t done = 0;

    for (unsigned j = 0; j < x->inst->ndisks; j++) {
        int r = lu_canceled(&x->lu, err);

        if (r < 0)
            return r;
        lu_phase(&x->lu, "copying disk/%u", j);
        lu_feedback(&x->lu, "Exporting disk/%u from %s to %s", j, x->src->name, x->dst->name);
        r = lu_failed(copy_disk(x, j, done, err), err);
        if (r == 0)
            r = check_unchanged(x, j, err);
        if (r == 0)
            r = check_snapshot(x, j, err);
        if (r == 0 && is_checked(x, j) && x->lu.run->image)
            image_watermark(x->lu.run->image, j, x->inst->disks[j].bytes);
        if (!is_checked(x, j))
            lu_export_release_source(x, j);
        if (r < 0)
            return disk_failed(j, r, err);
        lu_feedback(&x->lu, "disk/%u finished sending data%s", j,
                    x->hashed[j] ? "" : " (as a clone)");
        done += x->inst->disks[j].bytes;
    }
    return check_all_unchanged(x, err);
}

int lu_export_copy(struct lu_export *x, struct err *err)
{
    int r = 0;

    if (!x->timestamp)
        x->timestamp = time(NULL);
    x->t = lu_export_choose_t(x);
    for (unsigned j = 0; r == 0 && j < x->inst->ndisks; j++)
        r = open_source(x, j, err);
    if (r == 0)
        r = write_config(x, err);
    return r < 0 ? r : copy_all(x, err);
}

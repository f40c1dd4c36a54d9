/* view.c - what the tree shows of an instance's image: version, sizes, blocks.  See jobs.h.
 *
 * Three sources, in this order: a run that is under way (its T; its layout once it has one, before
 * that the prediction), the published export while it is fresh (fresh.c), else the prediction under
 * a promised T.  The prediction is a pure function of the instance's data and is kept until that
 * changes.
 */
#include "export/exportini.h"
#include "export/jobs_internal.h"
#include "export/proof.h"
#include "export/sums.h"

#include <stdio.h>
#include <string.h>

bool jobs_serves(const struct jobs *j, const struct catalog_export *e)
{
    return e->ours || (j->cluster->normalises && e->normal_size);
}

/* of: NULL, or the export that lies there just so.  0 or -errno of this moment (memory).  One that
 * can never be has no size: reading it tells why. */
static int set_tar_size(const char *name, const struct catalog_export *of, struct jobs_view *v)
{
    char names[MODEL_MAX_DISKS][24];
    struct tarmap_member m[MODEL_MAX_DISKS + 2];
    unsigned n = 0;
    uint64_t size;
    int r;

    m[n++] = (struct tarmap_member){EXPORTINI_FILE, v->size[IMAGE_CONFIG], 0};
    for (unsigned d = 0; d < v->ndisks; d++) {
        snprintf(names[d], sizeof names[d], "disk%u.raw", d);
        m[n++] = (struct tarmap_member){names[d], v->size[IMAGE_DISK(d)], 1};
    }
    m[n++] = (struct tarmap_member){SUMS_FILE, v->size[IMAGE_SUMS], 0};
    r = of ? catalog_tar_size(of, m, n, &size) : tarmap_size(name, m, n, &size);
    v->size[IMAGE_TAR] = r < 0 ? 0 : size;
    return r == -EINVAL || r == -EFBIG ? 0 : r;
}

static uint64_t sums_file_size(unsigned ndisks)
{
    char text[MODEL_MAX_DISKS][24];
    const char *names[MODEL_MAX_DISKS + 1] = {EXPORTINI_FILE};

    for (unsigned d = 0; d < ndisks; d++) {
        snprintf(text[d], sizeof text[d], "disk%u.raw", d);
        names[d + 1] = text[d];
    }
    return sums_size(names, ndisks + 1);
}

static uint64_t ceil512(uint64_t bytes)
{
    return bytes / 512 + (bytes % 512 != 0);
}

/* Blocks of the small files and of the tar, from those of the dumps.  A file system may allocate
 * more than the length needs, which must not hide the holes of another dump. */
static void fill_blocks(struct jobs_view *v)
{
    uint64_t literal = v->size[IMAGE_TAR], blocks = 0, dense;

    v->blocks512[IMAGE_CONFIG] = ceil512(v->size[IMAGE_CONFIG]);
    v->blocks512[IMAGE_SUMS] = ceil512(v->size[IMAGE_SUMS]);
    for (unsigned d = 0; d < v->ndisks; d++) {
        literal -= v->size[IMAGE_DISK(d)];
        dense = ceil512(v->size[IMAGE_DISK(d)]);
        blocks += v->blocks512[IMAGE_DISK(d)] < dense ? v->blocks512[IMAGE_DISK(d)] : dense;
    }
    blocks += ceil512(literal);
    if (blocks > ceil512(v->size[IMAGE_TAR]))
        blocks = ceil512(v->size[IMAGE_TAR]);
    v->blocks512[IMAGE_TAR] = blocks;
}

int jobs_view_of_export(const struct catalog_export *e, struct jobs_view *v)
{
    const struct node_export_file *f = e->info->files;
    int r;

    *v = (struct jobs_view){.t = e->info->id.t, .fresh = FRESH_AGE, .ndisks = e->ndisks};
    v->secrets = e->secrets;
    v->size[IMAGE_CONFIG] = e->ours ? e->info->id.size : e->normal_size;
    v->size[IMAGE_SUMS] = e->ours ? f[e->sums_file].size : sums_file_size(e->ndisks);
    for (unsigned d = 0; d < e->ndisks; d++) {
        v->size[IMAGE_DISK(d)] = f[e->disk_file[d]].size;
        v->blocks512[IMAGE_DISK(d)] = f[e->disk_file[d]].blocks512;
    }
    r = set_tar_size(e->name, e->ours ? e : NULL, v);
    if (r == 0)
        fill_blocks(v);
    return r;
}

static void view_of_image(const struct image *img, struct jobs_view *v)
{
    v->guessed = false;
    v->ndisks = image_ndisks(img);
    for (unsigned f = 0; f < IMAGE_DISK0 + v->ndisks; f++)
        v->size[f] = image_size(img, (int)f);
}

/* The sizes are no longer those that were shown: the next stat must look changed.  A run that has
 * not come to the disks yet is for the new sizes; who reads it for the old ones gets EIO. */
static void retire(struct jobs *j, struct job_inst *inst)
{
    struct run *run = inst->run;
    int64_t shown = run ? run->t : inst->promise;

    if (inst->floor < shown)
        fresh_retire(j, inst, shown);
    if (run && !run->t_fixed)
        run->t = promise_make(j->cluster->state_dir, inst->name, inst->floor, 0, INT64_MAX);
}

/* All but the T of what was predicted from mi. */
static void view_of_prediction(const struct model_instance *mi, const struct prediction *p,
                               struct jobs_view *v)
{
    *v = (struct jobs_view){.ndisks = mi->ndisks, .guessed = mi->any_length, .secrets = p->secrets};
    v->size[IMAGE_CONFIG] = p->config;
    v->size[IMAGE_SUMS] = sums_file_size(mi->ndisks);
    v->size[IMAGE_TAR] = p->tar;
    for (unsigned d = 0; d < mi->ndisks; d++) {
        const struct model_disk *disk = &mi->disks[d];
        uint64_t below = disk->bytes ? (disk->bytes - 1) / 512 : 0;

        v->size[IMAGE_DISK(d)] = disk->bytes;
        v->blocks512[IMAGE_DISK(d)] = disk->blocks512 < below ? disk->blocks512 : below;
    }
    fill_blocks(v);
}

static int predict(const struct model_instance *mi, struct prediction *p)
{
    CLEANUP_FREE char *text = NULL;
    struct jobs_view v;
    struct err err;
    size_t len;
    int r = exportini_render(mi, 0, &text, &len, &err);

    if (r == -ENOMEM)
        return r; /* it is not kept */
    /* an instance that cannot be exported still has a size: reading it tells why */
    *p = (struct prediction){.config = r < 0 ? EXPORTINI_PAD : len,
                             .secrets = exportini_has_secrets(mi->ini)};
    view_of_prediction(mi, p, &v);
    r = set_tar_size(mi->name, NULL, &v);
    p->tar = v.size[IMAGE_TAR];
    return r;
}

int jobs_predict(struct jobs *j, struct job_inst *inst, const struct model_instance *mi)
{
    struct jobs_view was, is;
    struct prediction p;
    int r;

    if (inst->predicted_for == mi)
        return 0;
    if ((r = predict(mi, &p)) < 0)
        return r;
    if (inst->predicted_for) {
        view_of_prediction(inst->predicted_for, &inst->predicted, &was);
        view_of_prediction(mi, &p, &is);
        if (memcmp(is.size, was.size, sizeof is.size) != 0)
            retire(j, inst);
    }
    model_instance_unref(inst->predicted_for);
    inst->predicted_for = model_instance_ref((struct model_instance *)mi);
    inst->predicted = p;
    inst->provable = proof_of(mi, &inst->predicted_proof);
    return 0;
}

/* The published export, if it is fresh: 1, 0 or -errno. */
static int view_published(struct jobs *j, struct job_inst *inst, const struct model_instance *mi,
                          const struct catalog_export *e, struct jobs_view *ret)
{
    enum fresh fresh = fresh_of(j, inst, mi, e);
    int r;

    if (fresh == STALE) {
        bool promised = inst->promise > inst->floor; /* once it is, the export is not fresh again */

        /* sizes before the promise, for a T that was never shown with others stays */
        if ((r = jobs_predict(j, inst, mi)) < 0)
            return r;
        if (!e || fresh_promise(j, inst, e, promised) != 0)
            return 0;
    }
    r = jobs_view_of_export(e, ret);
    ret->fresh = fresh == STALE ? FRESH_READ : fresh; /* through another mount */
    return r < 0 ? r : 1;
}

int jobs_view_locked(struct jobs *j, const struct model_instance *mi,
                     const struct catalog_export *current, struct jobs_view *ret)
{
    struct job_inst *inst = jobs_inst(j, mi->name);
    int r;

    if (!inst)
        return -ENOMEM;
    if (!inst->run && (r = view_published(j, inst, mi, current, ret)) != 0)
        return r < 0 ? r : 0;
    if ((r = jobs_predict(j, inst, mi)) < 0)
        return r;
    view_of_prediction(mi, &inst->predicted, ret);
    if (!inst->run) {
        ret->t = fresh_promise(j, inst, current, true);
        return 0;
    }
    ret->t = inst->run->t;
    if (image_state(inst->run->image) == IMAGE_BUILDING ||
        image_state(inst->run->image) == IMAGE_PUBLISHED)
        view_of_image(inst->run->image, ret);
    return 0;
}

int jobs_view(struct jobs *j, const char *instance, struct jobs_view *ret)
{
    CLEANUP_MODEL struct model *m = j->cluster->ops->model(j->cluster);
    const struct model_instance *mi = model_find_instance(m, instance);

    if (!mi)
        return -ENOENT;
    if (mi->error)
        return -EIO;

    struct catalog *cat = j->cluster->ops->catalog(j->cluster);

    pthread_mutex_lock(&j->mu);
    int r = jobs_view_locked(j, mi, catalog_current(cat, instance, NULL), ret);
    pthread_mutex_unlock(&j->mu);
    catalog_unref(cat);
    return r;
}

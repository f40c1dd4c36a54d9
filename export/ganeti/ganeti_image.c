/* ganeti_image.c - exports of a running cluster as images, and the checksums that it does not make.
 *
 * They are kept from the first time on that they were made (gknown.h).  Until then they are made as
 * soon as somebody waits for them, which is at the end of the tar, or at XXH128SUMS itself, by a
 * thread of their own: what readers have taken from front to back was hashed as it came by
 * (gfile.h), the rest is read for it.  It stops when nobody but itself has the image any more.
 */
#include "export/ganeti/ganeti_internal.h"

#include "export/copy.h"
#include "export/exportini.h"
#include "export/ganeti/gfile.h"
#include "export/sums.h"
#include "export/thread.h"
#include "lock/clock.h"

#include <string.h>

#define CHUNK  (1024 * 1024)
#define STOP_S 10

struct hasher {
    struct image_sums_maker maker; /* first */
    struct ganeti *g;
    char *name;
    struct node_export_id id;
    struct image *img; /* referenced, once it makes them */
};

static void free_hasher(struct hasher *h)
{
    image_unref(h->img);
    free(h->name);
    free(h);
}

static int hash_config(struct hasher *h, XXH128_canonical_t *ret)
{
    size_t len = (size_t)image_size(h->img, IMAGE_CONFIG);
    CLEANUP_FREE char *text = malloc(len + 1);

    if (!text || image_read(h->img, IMAGE_CONFIG, 0, text, len) != (ssize_t)len)
        return -ENOMEM;
    XXH128_canonicalFromHash(ret, XXH3_128bits(text, len));
    return 0;
}

static int stopped(struct hasher *h)
{
    return cancel_requested(&h->g->cancel) || !image_is_shared(h->img) ? -ECANCELED : 0;
}

/* Reads on from where the readers' bytes were hashed last, until all were. */
static int hash_far(struct hasher *h, struct node_file *f, uint64_t size, XXH128_hash_t *ret)
{
    CLEANUP_FREE char *buf = malloc(CHUNK);
    uint64_t pos = 0;
    int r = buf ? 0 : -ENOMEM;

    while (r == 0 && !gfile_hash(f, &pos, ret)) {
        size_t len = size - pos < CHUNK ? (size_t)(size - pos) : CHUNK;

        r = stopped(h);
        if (r == 0)
            r = f->ops->read(f, buf, len, pos);
        image_alive(h->img);
    }
    return r;
}

static int hash_dump(struct hasher *h, unsigned disk, XXH128_canonical_t *ret, struct err *err)
{
    CLEANUP_NODE_FILE struct node_file *f = image_dump(h->img, disk);
    uint64_t size = image_size(h->img, IMAGE_DISK((int)disk));
    struct copy_job job = {
        .dst = -1, .bytes = size, .cancel = &h->g->cancel, .throttle = h->g->base.throttle};
    XXH128_hash_t hash;
    int r;

    if (!f)
        return err_exec(err, "disk%u of the export of '%s' is gone", disk, h->name);
    if ((job.src = node_file_fd(f)) >= 0)
        return lowly_copy(&h->g->base.lowly, &job, ret, err);
    r = hash_far(h, f, size, &hash);
    if (r < 0)
        return err_sys(err, r, "Reading disk%u of the export of '%s'", disk, h->name);
    XXH128_canonicalFromHash(ret, hash);
    return 0;
}

static int hash_all(struct hasher *h, char **text, size_t *len, struct err *err)
{
    struct sums_entry e[MODEL_MAX_DISKS + 1] = {{.name = EXPORTINI_FILE}};
    unsigned n = image_ndisks(h->img);
    int r = hash_config(h, &e[0].digest);

    if (r < 0)
        return err_sys(err, r, "%s of '%s'", EXPORTINI_FILE, h->name);
    for (unsigned j = 0; r == 0 && j < n; j++) {
        snprintf(e[j + 1].name, sizeof e[j + 1].name, "disk%u.raw", j);
        r = hash_dump(h, j, &e[j + 1].digest, err);
    }
    if (r == 0 && (r = sums_format(e, n + 1, text, len)) < 0)
        err_sys(err, r, "Checksums of '%s'", h->name);
    return r;
}

static void *hash_thread(void *arg)
{
    struct hasher *h = arg;
    struct ganeti *g = h->g;
    CLEANUP_FREE char *text = NULL;
    struct err err;
    size_t len;
    int r = hash_all(h, &text, &len, &err);

    if (r == 0 && (r = image_set_sums(h->img, text, len)) < 0)
        err_sys(&err, r, "Checksums of '%s'", h->name);
    if (r == 0)
        gknown_note_sums(g->known, h->name, &h->id, text, len);
    else
        image_fail(h->img, &err);
    free_hasher(h);
    LOCK_SCOPE(&g->mu);
    g->hashers--;
    pthread_cond_broadcast(&g->idle);
    return NULL;
}

static void make_sums(struct image_sums_maker *m, struct image *img)
{
    struct hasher *h = (struct hasher *)m, *mine = calloc(1, sizeof *mine);
    struct err err;
    int r = mine && (mine->name = strdup(h->name)) ? 0 : -ENOMEM;

    if (r == 0) {
        mine->g = h->g;
        mine->id = h->id;
        mine->img = image_ref(img);
        pthread_mutex_lock(&h->g->mu);
        h->g->hashers++;
        pthread_mutex_unlock(&h->g->mu);
        r = thread_detached(hash_thread, mine);
        if (r == 0)
            return;
        pthread_mutex_lock(&h->g->mu);
        h->g->hashers--;
        pthread_mutex_unlock(&h->g->mu);
    }
    err_sys(&err, r, "Checksums of '%s'", h->name);
    if (mine)
        free_hasher(mine);
    image_fail(img, &err);
}

static void destroy_maker(struct image_sums_maker *m)
{
    free_hasher((struct hasher *)m);
}

static int add_sums(struct ganeti *g, const struct catalog_export *exp, struct image *img)
{
    CLEANUP_FREE char *text = NULL;
    struct hasher *h;
    size_t len;

    if (gknown_sums(g->known, exp->name, &exp->info->id, &text, &len) == 0 &&
        image_set_sums(img, text, len) == 0)
        return 0;
    h = calloc(1, sizeof *h);
    if (!h || !(h->name = strdup(exp->name))) {
        free(h);
        return -ENOMEM;
    }
    h->maker = (struct image_sums_maker){make_sums, destroy_maker};
    h->g = g;
    h->id = exp->info->id;
    image_set_sums_maker(img, &h->maker);
    return 0;
}

int ganeti_image(struct cluster *c, const char *node, const struct catalog_export *exp, bool normal,
                 struct image **ret, struct err *err)
{
    struct ganeti *g = ganeti(c);
    CLEANUP_MODEL struct model *m = gmodel_get(g->models);
    const struct model_node *mn = model_find_node(m, node);
    CLEANUP_IMAGE struct image *img = NULL;
    int r;

    if (!mn)
        return err_prereq(err, ECODE_NOENT, "Node '%s' not known", node);
    r = image_open(&gnode_ops, g->nodes, mn, exp, normal, &img, err);
    if (r == 0 && normal && !exp->ours && (r = add_sums(g, exp, img)) < 0)
        err_sys(err, r, "Opening the export of '%s'", exp->name);
    if (r == 0)
        *ret = STEAL(img);
    return r;
}

bool ganeti_image_stop(struct ganeti *g)
{
    struct timespec until;

    cancel_request(&g->cancel);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_S;
    LOCK_SCOPE(&g->mu);
    while (g->hashers)
        if (pthread_cond_timedwait(&g->idle, &g->mu, &until) == ETIMEDOUT)
            return false;
    return true;
}

/* image_open.c - image_open(): the image of an export that lies on a node.
 *
 * The catalog's description is the contract: every file that is opened must still be the one that
 * was described (size, time, inode where the node tells it; the contents of config.ini by its
 * hash).  Between two opens the export may be exchanged for a newer one, so one file that differs
 * makes the whole ESTALE: an image never mixes two exports.
 */
#include "export/image_parts.h"

#include "export/exportini.h"
#include "export/sums.h"

#include <string.h>
#include <xxhash.h>

struct opening {
    const struct node_ops *ops;
    void *ctx;
    const struct model_node *node;
    const struct catalog_export *exp;
    bool normal; /* in our form, which it is not */
    struct err *err;
};

static int stale(const struct opening *o, const char *file)
{
    return err_set(o->err, ERR_EXEC, ECODE_NONE, ESTALE,
                   "%s of the export of '%s' on node '%s' is not what it was", file, o->exp->name,
                   o->node->name);
}

static const struct node_export_file *find_file(const struct opening *o, const char *name)
{
    const struct node_export_info *info = o->exp->info;

    for (size_t i = 0; i < info->nfiles; i++)
        if (!strcmp(info->files[i].name, name))
            return &info->files[i];
    return NULL;
}

/* A node that does not tell inodes may tell times in whole seconds, one way or the other. */
static bool same_facts(const struct node_export_file *f, const struct node_file_facts *now)
{
    bool inodes = f->ino && now->ino;
    bool exact = inodes || (f->mtime.tv_nsec && now->mtime.tv_nsec);

    return now->size == f->size && (!inodes || now->ino == f->ino) &&
           now->mtime.tv_sec == f->mtime.tv_sec &&
           (!exact || now->mtime.tv_nsec == f->mtime.tv_nsec);
}

static int check_facts(const struct opening *o, const struct node_export_file *f,
                       struct node_file *file)
{
    struct node_file_facts now;
    int r = file->ops->facts(file, &now);

    if (r < 0)
        return err_sys(o->err, r, "%s of the export of '%s'", f->name, o->exp->name);
    return same_facts(f, &now) ? 0 : stale(o, f->name);
}

static int open_file(const struct opening *o, const struct node_export_file *f,
                     struct node_file **ret)
{
    CLEANUP_NODE_FILE struct node_file *file = NULL;
    int r = o->ops->export_open(o->ctx, o->node, o->exp->name, f->name, &file, o->err);

    if (r == 0)
        r = check_facts(o, f, file);
    if (r == 0)
        *ret = STEAL(file);
    return r;
}

/* The whole of a small file, which must be what was described until it was read. */
static int read_small(const struct opening *o, const struct node_export_file *f, char **text,
                      size_t *len)
{
    CLEANUP_FREE char *buf = NULL;
    CLEANUP_NODE_FILE struct node_file *file = NULL;
    int r = open_file(o, f, &file), changed;

    if (r < 0)
        return r;
    r = f->size > INI_MAX_BYTES ? -EFBIG : 0;
    if (r == 0 && !(buf = malloc(f->size + 1)))
        r = -ENOMEM;
    if (r == 0) {
        r = file->ops->read(file, buf, f->size, 0);
        changed = check_facts(o, f, file);
        if (changed < 0)
            return changed;
    }
    if (r < 0)
        return err_sys(o->err, r, "%s of the export of '%s'", f->name, o->exp->name);
    buf[f->size] = '\0';
    *text = STEAL(buf);
    *len = f->size;
    return 0;
}

static int read_config(const struct opening *o, struct image *img)
{
    const struct node_export_id *id = &o->exp->info->id;
    const struct node_export_file *f = find_file(o, EXPORTINI_FILE);
    int r;

    if (!f)
        return stale(o, EXPORTINI_FILE);
    r = read_small(o, f, &img->config, &img->config_len);
    if (r < 0)
        return r;
    if (img->config_len != id->size || XXH3_64bits(img->config, img->config_len) != id->hash)
        return stale(o, EXPORTINI_FILE);
    if (img->config_len > EXPORTINI_MAX)
        return err_set(
            o->err, ERR_EXEC, ECODE_NONE, EFBIG,
            "%s of the export of '%s' has %zu bytes, more than the %d that a tar has room for",
            EXPORTINI_FILE, o->exp->name, img->config_len, EXPORTINI_MAX);
    return 0;
}

static int open_dumps(const struct opening *o, struct image *img)
{
    const struct node_export_info *info = o->exp->info;

    for (unsigned j = 0; j < o->exp->ndisks; j++) {
        const struct node_export_file *f = &info->files[o->exp->disk_file[j]];
        int r = open_file(o, f, &img->disks[j].file);

        if (r < 0)
            return r;
        img->disks[j].bytes = img->disks[j].watermark = f->size;
        img->ndisks = j + 1;
    }
    return 0;
}

static bool may_hang(const struct image *img)
{
    for (unsigned j = 0; j < img->ndisks; j++)
        if (img->disks[j].file->may_hang)
            return true;
    return false;
}

static int lay_out(const struct opening *o, struct image *img, const char *const names[])
{
    int r = image_lay_out(img, names);

    return r < 0 ? err_sys(o->err, r, "Laying out the tar of the export of '%s'", o->exp->name) : 0;
}

/* As it lies there. */
static int lay_out_as_is(const struct opening *o, struct image *img)
{
    const struct node_export_info *info = o->exp->info;
    const char *names[MODEL_MAX_DISKS];
    int r;

    for (unsigned j = 0; j < img->ndisks; j++)
        names[j] = info->files[o->exp->disk_file[j]].name;
    img->has_sums = o->exp->sums_file >= 0;
    if (img->has_sums &&
        (r = read_small(o, &info->files[o->exp->sums_file], &img->sums, &img->sums_len)) < 0)
        return r;
    return lay_out(o, img, names);
}

static int lay_out_as_ours(const struct opening *o, struct image *img)
{
    char names[MODEL_MAX_DISKS][24];
    const char *files[MODEL_MAX_DISKS + 1] = {EXPORTINI_FILE};
    char *text;
    size_t len;
    int r = exportini_normal(o->exp->info->config, &text, &len, o->err);

    if (r < 0)
        return r;
    free(img->config);
    img->config = text;
    img->config_len = len;
    for (unsigned j = 0; j < img->ndisks; j++) {
        snprintf(names[j], sizeof names[j], "disk%u.raw", j);
        files[j + 1] = names[j];
    }
    img->has_sums = true;
    img->sums_len = (size_t)sums_size(files, img->ndisks + 1);
    return lay_out(o, img, files + 1);
}

static int fill(const struct opening *o, struct image *img)
{
    const struct node_export_info *info = o->exp->info;
    int r;

    img->t = info->id.t;
    img->timestamp = info->timestamp;
    if ((r = read_config(o, img)) < 0 || (r = open_dumps(o, img)) < 0)
        return r;
    r = o->normal ? lay_out_as_ours(o, img) : lay_out_as_is(o, img);
    if (r < 0)
        return r;
    image_count_blocks(img);
    if (may_hang(img) && !(img->node = strdup(o->node->name)))
        return err_sys(o->err, -ENOMEM, "Opening the export of '%s'", o->exp->name);
    return 0;
}

/* The catalog's own indexes; wrong ones are not followed. */
static bool indexes_ok(const struct catalog_export *exp)
{
    if (exp->ndisks > MODEL_MAX_DISKS ||
        (exp->sums_file >= 0 && (size_t)exp->sums_file >= exp->info->nfiles))
        return false;
    for (unsigned j = 0; j < exp->ndisks; j++)
        if (exp->disk_file[j] >= exp->info->nfiles)
            return false;
    return true;
}

int image_open(const struct node_ops *ops, void *ctx, const struct model_node *node,
               const struct catalog_export *exp, bool normal, struct image **ret, struct err *err)
{
    const struct opening o = {ops, ctx, node, exp, normal && !exp->ours, err};
    CLEANUP_IMAGE struct image *img = NULL;
    int r;

    if (!exp->complete || !indexes_ok(exp))
        return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG,
                       "The export of '%s' on node '%s' is not complete: %s", exp->name, node->name,
                       exp->error ? exp->error : "no reason known");
    r = image_new(exp->name, &img);
    if (r < 0)
        return err_sys(err, r, "Opening the export of '%s'", exp->name);
    r = fill(&o, img);
    if (r < 0)
        return r;
    img->state = IMAGE_PUBLISHED;
    *ret = STEAL(img);
    return 0;
}

static void move_layout(struct image *from, struct image *to)
{
    to->t = from->t;
    to->timestamp = from->timestamp;
    to->config = STEAL(from->config);
    to->config_len = from->config_len;
    to->has_sums = from->has_sums;
    to->sums = STEAL(from->sums);
    to->sums_len = from->sums_len;
    to->ndisks = from->ndisks;
    memcpy(to->disks, from->disks, sizeof to->disks);
    memset(from->disks, 0, sizeof from->disks);
    from->ndisks = 0;
    to->map = STEAL(from->map);
    to->node = STEAL(from->node);
    to->maker = STEAL(from->maker);
}

int image_become(struct image *img, struct image *opened)
{
    struct image_waiter *answered;

    pthread_mutex_lock(&img->mutex);
    if (img->state != IMAGE_WAITING) {
        pthread_mutex_unlock(&img->mutex);
        return -EINVAL;
    }
    move_layout(opened, img);
    opened->state = IMAGE_FAILED;
    opened->err.errnum = ESTALE;
    img->state = IMAGE_PUBLISHED;
    answered = image_take_answered(img);
    pthread_mutex_unlock(&img->mutex);
    image_call_ready(answered);
    return 0;
}

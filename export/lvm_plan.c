/* lvm_plan.c - see lvm_plan.h.  No state, any thread. */
#include "export/lvm_plan.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

void lvm_plans_clear(struct lvm_plans *ps)
{
    lvm_table_clear(&ps->table);
}

static int refuse(const struct model_disk *d, int errnum, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int refuse(const struct model_disk *d, int errnum, struct err *err, const char *fmt, ...)
{
    char why[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    return err_set(err, ERR_EXEC, ECODE_NONE, errnum, "Cannot snapshot %s: %s", d->path, why);
}

/* Which of the disks are devices, and all volumes if there is one. */
static int look(struct lvm_plans *ps, struct cancel *cancel, struct err *err)
{
    int r;

    ps->blocks = 0;
    for (unsigned j = 0; j < ps->n; j++) {
        struct stat st;

        if (stat(ps->disks[j].path, &st) < 0)
            return err_sys(err, -errno, "Cannot open disk %s", ps->disks[j].path);
        ps->p[j] = (struct lvm_plan){.is_block = S_ISBLK(st.st_mode), .dev = st.st_rdev};
        ps->blocks += ps->p[j].is_block;
    }
    if (!ps->blocks)
        return 0;
    r = lvm_look(cancel, &ps->table, err);
    return r < 0 ? err_prefix(err, "Cannot snapshot block devices") : 0;
}

static int check_pool(const struct lvm_plans *ps, unsigned j, struct err *err)
{
    const struct lvm_lv *origin = ps->p[j].origin;
    const struct lvm_lv *pool = lvm_find_name(&ps->table, origin->vg, origin->pool);

    if (!pool)
        return refuse(&ps->disks[j], EIO, err, "its pool %s is not there", origin->pool);
    if (lvm_pool_is_full(pool))
        return refuse(&ps->disks[j], ENOSPC, err, "the thin pool %s/%s is full", origin->vg,
                      origin->pool);
    return 0;
}

/* The first letters of lv_attr: a thin or a thick volume that can be an origin. */
static int check_kind(const struct lvm_plans *ps, unsigned j, struct err *err)
{
    const struct lvm_lv *lv = ps->p[j].origin;
    const struct model_disk *d = &ps->disks[j];

    if (strchr("sS", lv->attr[0]))
        return refuse(d, EOPNOTSUPP, err, "%s/%s is a snapshot itself, of %s", lv->vg, lv->name,
                      lv->origin);
    if (!strchr(lvm_is_thin(lv) ? "Vo" : "-omMrRC", lv->attr[0]))
        return refuse(d, EOPNOTSUPP, err, "%s/%s is a volume of type '%c'", lv->vg, lv->name,
                      lv->attr[0]);
    if (lv->attr[4] != 'a')
        return refuse(d, EBUSY, err, "%s/%s is suspended or not active", lv->vg, lv->name);
    if (lv->attr[8] == 'p')
        return refuse(d, EIO, err, "parts of %s/%s are missing", lv->vg, lv->name);
    for (unsigned i = 0; i < j; i++)
        if (ps->p[i].origin == lv)
            return refuse(d, EINVAL, err, "disk/%u is the same volume", i);
    return lvm_is_thin(lv) ? check_pool(ps, j, err) : 0;
}

static int plan_name(struct lvm_plans *ps, unsigned j, struct err *err)
{
    struct lvm_plan *p = &ps->p[j];
    const struct model_disk *d = &ps->disks[j];
    const struct lvm_lv *taken;
    int n = snprintf(p->name, sizeof p->name, "%s" LVM_SNAP_SUFFIX, p->origin->name);

    if (n >= (int)sizeof p->name)
        return refuse(d, ENAMETOOLONG, err, "the name %s" LVM_SNAP_SUFFIX " is too long",
                      p->origin->name);
    taken = lvm_find_name(&ps->table, p->origin->vg, p->name);
    if (!taken)
        return 0;
    if (!lvm_is_ours(taken))
        return refuse(d, EEXIST, err, "there is a volume %s/%s, which is not of an export",
                      taken->vg, taken->name);
    if (taken->attr[5] == 'o')
        return refuse(d, EBUSY, err, "its snapshot %s/%s is in use", taken->vg, taken->name);
    p->leftover = taken;
    return 0;
}

static uint64_t to_extents(uint64_t bytes, const struct lvm_lv *lv)
{
    return bytes / lv->extent + !!(bytes % lv->extent);
}

/* LVM notes 256 written chunks in one of its own; and makes none larger than can be used. */
static int plan_size(struct lvm_plans *ps, unsigned j, struct err *err)
{
    struct lvm_plan *p = &ps->p[j];
    uint64_t bytes;

    if (lvm_is_thin(p->origin))
        return 0;
    if (__builtin_add_overflow(p->origin->bytes, p->origin->bytes / 256 + 65536, &bytes))
        return refuse(&ps->disks[j], EOVERFLOW, err, "its size cannot be");
    p->extents = to_extents(bytes, p->origin);
    return 0;
}

/* For all disks in the group of disk j together.  What leftovers take is free, too. */
static int check_room(const struct lvm_plans *ps, unsigned j, struct err *err)
{
    const struct lvm_lv *lv = ps->p[j].origin;
    uint64_t wanted = 0, room = lv->vg_free;

    for (unsigned i = 0; i < ps->n; i++) {
        const struct lvm_plan *p = &ps->p[i];

        if (!p->origin || strcmp(p->origin->vg, lv->vg) != 0)
            continue;
        if (__builtin_add_overflow(wanted, p->extents, &wanted) ||
            (p->leftover && !lvm_is_thin(p->leftover) &&
             __builtin_add_overflow(room, to_extents(p->leftover->bytes, lv), &room)))
            return refuse(&ps->disks[j], EOVERFLOW, err, "the sizes overflow");
    }
    if (wanted <= room)
        return 0;
    return refuse(&ps->disks[j], ENOSPC, err,
                  "snapshots of all its disks need %" PRIu64 " extents in %s, %" PRIu64 " are free",
                  wanted, lv->vg, room);
}

int lvm_plans_make(struct lvm_plans *ps, struct cancel *cancel, struct err *err)
{
    int r = look(ps, cancel, err);

    for (unsigned j = 0; r == 0 && j < ps->n; j++) {
        struct lvm_plan *p = &ps->p[j];

        if (!p->is_block)
            continue;
        p->origin = lvm_find_device(&ps->table, p->dev);
        if (!p->origin)
            return refuse(&ps->disks[j], EOPNOTSUPP, err,
                          "a block device that is no logical volume%s%s",
                          *ps->table.trouble ? "; " : "", ps->table.trouble);
        r = check_kind(ps, j, err);
        if (r == 0)
            r = plan_name(ps, j, err);
        if (r == 0)
            r = plan_size(ps, j, err);
    }
    for (unsigned j = 0; r == 0 && j < ps->n; j++)
        if (ps->p[j].extents)
            r = check_room(ps, j, err);
    return r;
}

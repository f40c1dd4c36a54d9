/* snapshot_lvm.c - see snapshot_lvm.h.  No state, any thread.
 *
 * A snapshot's name is the volume's with ".snap" (spec §6.3), in the group that the volume is in,
 * and it carries our tag.  By name and tag whoever comes later finds what a process that died has
 * left; what has the name and not the tag is somebody else's, and is never touched.
 *
 * A process may die while lvcreate runs, which then goes on by itself.  So it is given a descriptor
 * with a shared lock on STATE/snapshots.lock, and the sweep waits until nobody holds one.
 *
 * A thick snapshot is as large as it can ever get: the volume and LVM's list of what was written.
 * It runs full only if somebody makes it smaller; it is invalid then, reading it fails, and after
 * the copy it is looked at once more.  One of a thin volume shares its pool's room.
 */
#include "export/snapshot_lvm.h"

#include "export/lvm_plan.h"
#include "lock/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define NODE_WAIT_S 30  /* for udev */
#define LOCK_WAIT_S 330 /* lvcreate has come to an end by then */

static struct lvm_wish wish(const struct lvm_plan *p)
{
    return (struct lvm_wish){p->origin->vg, p->origin->name, p->name, p->extents};
}

int snapshot_lvm_check(const struct model_disk *disks, unsigned n, struct cancel *cancel,
                       struct err *err)
{
    CLEANUP(lvm_plans_clear) struct lvm_plans ps = {.disks = disks, .n = n};
    int r = lvm_plans_make(&ps, cancel, err);

    for (unsigned j = 0; r == 0 && j < n; j++) {
        struct lvm_wish w;

        /* beside a leftover there may be no room for another */
        if (!ps.p[j].is_block || ps.p[j].leftover)
            continue;
        w = wish(&ps.p[j]);
        r = lvm_snapshot_trial(&w, cancel, err);
        if (r < 0)
            r = err_prefix(err, "Cannot snapshot %s", disks[j].path);
    }
    return r;
}

/* --- taking --- */

static int open_lock(const char *state_dir, int how, int *ret, struct err *err)
{
    CLEANUP_FREE char *path = NULL;
    CLEANUP_CLOSE int fd = -1;

    if (asprintf(&path, "%s/snapshots.lock", state_dir) < 0) {
        path = NULL;
        return err_sys(err, -ENOMEM, "snapshots.lock");
    }
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, -errno, "%s", path);
    for (int i = 0; flock(fd, how | LOCK_NB) < 0; i++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_sys(err, -errno, "%s", path);
        if (i >= LOCK_WAIT_S * 10)
            return err_set(err, ERR_EXEC, ECODE_NONE, ETIMEDOUT, "%s: a snapshot is being taken",
                           path);
        usleep(100000);
    }
    *ret = STEAL_FD(fd);
    return 0;
}

/* The node may be udev's to make. */
static int open_device(const struct lvm_lv *lv, struct err *err)
{
    for (int i = 0;; i++) {
        CLEANUP_CLOSE int fd = open(lv->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct stat st;

        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == lv->dev)
            return STEAL_FD(fd);
        if (i >= NODE_WAIT_S * 10)
            return err_sys(err, fd < 0 ? -errno : -ENXIO, "%s", lv->path);
        usleep(100000);
    }
}

static int open_one(const struct lvm_table *t, const struct lvm_plan *p, struct node_snapshot *ret,
                    struct err *err)
{
    const struct lvm_lv *lv = lvm_find_name(t, p->origin->vg, p->name);
    CLEANUP_FREE char *volume = NULL, *label = NULL;
    int fd;

    if (!lv || !lvm_is_ours(lv) || !lv->dev || *lv->path != '/')
        return err_exec(err, "%s/%s was made and is not there", p->origin->vg, p->name);
    if (asprintf(&volume, "%s/%s", lv->vg, lv->name) < 0 ||
        asprintf(&label, "snapshot %s/%s", lv->vg, lv->name) < 0)
        return err_sys(err, -ENOMEM, "%s", p->name);
    fd = open_device(lv, err);
    if (fd < 0)
        return fd;
    *ret = (struct node_snapshot){.fd = fd, .label = STEAL(label), .volume = STEAL(volume)};
    return 0;
}

static int open_all(const struct lvm_plans *ps, struct node_snapshot *ret, struct cancel *cancel,
                    struct err *err)
{
    CLEANUP(lvm_table_clear) struct lvm_table t = {0};
    int r = lvm_look(cancel, &t, err);

    for (unsigned j = 0; r == 0 && j < ps->n; j++)
        if (ps->p[j].made)
            r = open_one(&t, &ps->p[j], &ret[j], err);
    return r;
}

static int remove_leftovers(const struct lvm_plans *ps, struct err *err)
{
    int r = 0;

    for (unsigned j = 0; r == 0 && j < ps->n; j++)
        if (ps->p[j].leftover)
            r = lvm_remove(ps->p[j].leftover->vg, ps->p[j].leftover->name, err);
    return r;
}

/* Nothing may come in between. */
static int make_all(struct lvm_plans *ps, int lock, struct cancel *cancel, struct err *err)
{
    for (unsigned j = 0; j < ps->n; j++) {
        struct lvm_plan *p = &ps->p[j];
        struct lvm_wish w;
        int r;

        if (!p->is_block)
            continue;
        if (cancel_requested(cancel))
            return err_set(err, ERR_CANCELED, ECODE_NONE, ECANCELED, "snapshot: canceled");
        w = wish(p);
        p->made = true; /* or in part */
        r = lvm_snapshot(&w, lock, err);
        if (r < 0)
            return err_prefix(err, "Cannot snapshot %s", ps->disks[j].path);
    }
    return 0;
}

static void undo(struct lvm_plans *ps, struct node_snapshot *snaps)
{
    struct err ignored;

    for (unsigned j = 0; j < ps->n; j++) {
        struct lvm_plan *p = &ps->p[j];

        if (p->made && snaps[j].fd >= 0)
            snapshot_lvm_release(&snaps[j], &ignored);
        else if (p->made)
            lvm_remove(p->origin->vg, p->name, &ignored);
    }
}

int snapshot_lvm_take(const char *state_dir, const struct model_disk *disks, unsigned n,
                      struct node_snapshot *ret, struct cancel *cancel, struct err *err)
{
    CLEANUP(lvm_plans_clear) struct lvm_plans ps = {.disks = disks, .n = n};
    CLEANUP_CLOSE int lock = -1;
    int r = lvm_plans_make(&ps, cancel, err);

    if (r < 0 || !ps.blocks)
        return r;
    r = remove_leftovers(&ps, err);
    if (r == 0)
        r = open_lock(state_dir, LOCK_SH, &lock, err);
    if (r == 0)
        r = make_all(&ps, lock, cancel, err);
    if (r == 0)
        r = open_all(&ps, ret, cancel, err);
    if (r < 0)
        undo(&ps, ret);
    return r;
}

/* --- afterwards --- */

/* VG and LV of "VG/LV". */
static const char *split(const char *volume, char vg[LVM_NAME_MAX + 1])
{
    const char *slash = strchr(volume, '/');

    snprintf(vg, LVM_NAME_MAX + 1, "%.*s", (int)(slash - volume), volume);
    return slash + 1;
}

int snapshot_lvm_verify(const struct node_snapshot *snap, struct err *err)
{
    CLEANUP(lvm_table_clear) struct lvm_table t = {0};
    const struct lvm_lv *lv, *pool;
    char vg[LVM_NAME_MAX + 1];
    const char *name = split(snap->volume, vg);
    struct stat st;
    int r = lvm_look(NULL, &t, err);

    if (r < 0)
        return err_prefix(err, "Cannot tell whether %s is still good", snap->label);
    lv = lvm_find_name(&t, vg, name);
    if (!lv || !lvm_is_ours(lv) || fstat(snap->fd, &st) < 0 || lv->dev != st.st_rdev)
        return err_exec(err, "The %s has vanished", snap->label);
    if (lv->attr[4] != 'a' || (!lvm_is_thin(lv) && lv->data >= 100))
        return err_exec(err, "The %s is no longer good: it has run full", snap->label);
    pool = lvm_is_thin(lv) ? lvm_find_name(&t, vg, lv->pool) : NULL;
    if (pool && lvm_pool_is_full(pool))
        return err_exec(err, "The %s is not trusted: its thin pool %s/%s has run full", snap->label,
                        vg, lv->pool);
    return 0;
}

int snapshot_lvm_release(struct node_snapshot *snap, struct err *err)
{
    char vg[LVM_NAME_MAX + 1];
    int r;

    if (snap->fd >= 0)
        close(snap->fd);
    r = lvm_remove(vg, split(snap->volume, vg), err);
    if (r < 0)
        r = err_prefix(err, "The %s is left", snap->label);
    free(snap->label);
    free(snap->volume);
    *snap = (struct node_snapshot){.fd = -1};
    return r;
}

/* Where a volume that is not there would be: "/dev/VG/LV". */
static bool guess(const char *path, char vg[LVM_NAME_MAX + 1], const char **lv)
{
    const char *slash = strncmp(path, "/dev/", 5) == 0 ? strchr(path + 5, '/') : NULL;

    if (!slash || slash == path + 5 || slash - path - 5 > LVM_NAME_MAX || strchr(slash + 1, '/'))
        return false;
    snprintf(vg, LVM_NAME_MAX + 1, "%.*s", (int)(slash - path - 5), path + 5);
    *lv = slash + 1;
    return true;
}

/* One disk's.  A thin snapshot outlives its origin. */
static int sweep(const struct lvm_table *t, const struct model_disk *d, const struct stat *st,
                 struct err *err)
{
    const struct lvm_lv *lv;
    char guessed_vg[LVM_NAME_MAX + 1], name[2 * LVM_NAME_MAX];
    const char *vg = guessed_vg, *origin;

    if (st) {
        lv = lvm_find_device(t, st->st_rdev);
        if (!lv)
            return 0;
        vg = lv->vg;
        origin = lv->name;
    } else if (!guess(d->path, guessed_vg, &origin)) {
        return 0;
    }
    snprintf(name, sizeof name, "%s" LVM_SNAP_SUFFIX, origin);
    lv = lvm_find_name(t, vg, name);
    return lv && lvm_is_ours(lv) ? lvm_remove(vg, name, err) : 0;
}

int snapshot_lvm_sweep(const char *state_dir, const struct model_disk *disks, unsigned n,
                       struct err *err)
{
    CLEANUP(lvm_table_clear) struct lvm_table t = {0};
    CLEANUP_CLOSE int lock = -1;
    bool looked = false;
    int r = 0;

    for (unsigned j = 0; r == 0 && j < n; j++) {
        struct stat st;
        bool there = stat(disks[j].path, &st) == 0;

        if (there ? !S_ISBLK(st.st_mode) : strncmp(disks[j].path, "/dev/", 5) != 0)
            continue;
        if (!looked) {
            r = open_lock(state_dir, LOCK_EX, &lock, err);
            if (r == 0)
                r = lvm_look(NULL, &t, err);
            looked = true;
        }
        if (r == -ENOENT) /* where there is no LVM nothing is left in it */
            return 0;
        if (r == 0)
            r = sweep(&t, &disks[j], there ? &st : NULL, err);
    }
    return r;
}

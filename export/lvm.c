/* lvm.c - see lvm.h.  No state, any thread: LVM has locks of its own for each group.
 *
 * A volume is known by its device number, so it does not matter by which of its names a disk is
 * called.  All volumes are listed at once, in one command, since what matters about one disk is
 * told by several: the volume, its pool, whoever has the snapshot's name, the group.
 */
#include "export/lvm.h"

#include "export/command.h"
#include "lock/cleanup.h"

#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>

#define LOOK_S   60
#define CHANGE_S 300 /* they wait for the group's lock, for udev and for the disk's writes */

enum { VG, NAME, MAJOR, MINOR, SIZE, ATTR, ORIGIN, POOL, DATA, META, TAGS, EXTENT, FREE, PATH, N };

#define FIELDS                                                                                     \
    "vg_name,lv_name,lv_kernel_major,lv_kernel_minor,lv_size,lv_attr,origin,pool_lv,"              \
    "data_percent,metadata_percent,lv_tags,vg_extent_size,vg_free_count,lv_path"

/* --- what lvs says --- */

/* Such a name can stand in a command's argument. */
static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-");

    return n > 0 && !s[n] && n <= LVM_NAME_MAX && s[0] != '-' && strcmp(s, ".") != 0 &&
           strcmp(s, "..") != 0;
}

/* Hidden volumes stand in brackets. */
static char *without_brackets(char *s)
{
    size_t n = strlen(s);

    if (n < 2 || s[0] != '[' || s[n - 1] != ']')
        return s;
    s[n - 1] = '\0';
    return s + 1;
}

static bool read_number(const char *s, uint64_t *ret)
{
    char *end;

    if (*s < '0' || *s > '9')
        return false;
    errno = 0;
    *ret = strtoull(s, &end, 10);
    return !*end && !errno;
}

static bool read_percent(const char *s, double *ret)
{
    char *end;

    *ret = 0;
    if (!*s)
        return true;
    *ret = strtod(s, &end);
    return !*end && *ret >= 0 && *ret < 1e6;
}

/* -1 for what has no device now. */
static bool read_device(const char *major, const char *minor, dev_t *ret)
{
    uint64_t a, b;

    *ret = 0;
    if (strcmp(major, "-1") == 0)
        return true;
    if (!read_number(major, &a) || !read_number(minor, &b) || a > UINT32_MAX || b > UINT32_MAX)
        return false;
    *ret = makedev((unsigned)a, (unsigned)b);
    return true;
}

static bool read_line(char *line, struct lvm_lv *lv)
{
    char *f[N], *field;
    size_t n = 0;

    while (*line == ' ')
        line++;
    while ((field = strsep(&line, "|"))) {
        if (n == N)
            return false;
        f[n++] = field;
    }
    if (n != N)
        return false;
    *lv = (struct lvm_lv){
        .vg = f[VG],
        .name = without_brackets(f[NAME]),
        .origin = without_brackets(f[ORIGIN]),
        .pool = without_brackets(f[POOL]),
        .attr = f[ATTR],
        .tags = f[TAGS],
        .path = f[PATH],
    };
    return is_name(lv->vg) && is_name(lv->name) && strlen(lv->attr) >= 9 &&
           read_device(f[MAJOR], f[MINOR], &lv->dev) && read_number(f[SIZE], &lv->bytes) &&
           read_percent(f[DATA], &lv->data) && read_percent(f[META], &lv->metadata) &&
           read_number(f[EXTENT], &lv->extent) && lv->extent > 0 &&
           read_number(f[FREE], &lv->vg_free);
}

static int read_table(struct lvm_table *t, struct err *err)
{
    char *rest = t->text, *line;
    size_t lines = 1;

    for (const char *p = t->text; *p; p++)
        lines += *p == '\n';
    t->v = calloc(lines, sizeof *t->v);
    if (!t->v)
        return err_sys(err, -ENOMEM, "logical volumes");
    while ((line = strsep(&rest, "\n"))) {
        if (!line[strspn(line, " ")])
            continue;
        if (!read_line(line, &t->v[t->n]))
            return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "lvs: says what it should not");
        t->n++;
    }
    return 0;
}

void lvm_table_clear(struct lvm_table *t)
{
    free(t->text);
    free(t->v);
    *t = (struct lvm_table){0};
}

/* With a status of not 0 it complains of some group, perhaps not of the one that matters. */
int lvm_look(struct cancel *cancel, struct lvm_table *ret, struct err *err)
{
    static const char *const argv[] = {"lvs",     "-a", "--noheadings", "--separator", "|",
                                       "--units", "b",  "--nosuffix",   "-o",          FIELDS,
                                       NULL};
    CLEANUP(lvm_table_clear) struct lvm_table t = {0};
    int r = command_run(&(struct command){argv, LOOK_S, cancel, -1}, &t.text, err);

    if (r < 0)
        return r;
    if (r > 0)
        snprintf(t.trouble, sizeof t.trouble, "%.*s", (int)sizeof t.trouble - 1, err->text);
    r = read_table(&t, err);
    if (r < 0)
        return r;
    *ret = t;
    t = (struct lvm_table){0};
    return 0;
}

const struct lvm_lv *lvm_find_device(const struct lvm_table *t, dev_t dev)
{
    for (size_t i = 0; i < t->n; i++)
        if (dev && t->v[i].dev == dev)
            return &t->v[i];
    return NULL;
}

const struct lvm_lv *lvm_find_name(const struct lvm_table *t, const char *vg, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->v[i].vg, vg) == 0 && strcmp(t->v[i].name, name) == 0)
            return &t->v[i];
    return NULL;
}

bool lvm_is_ours(const struct lvm_lv *lv)
{
    const size_t n = strlen(LVM_TAG);

    for (const char *p = lv->tags; p; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, LVM_TAG, n) == 0 && (!p[n] || p[n] == ','))
            return true;
    }
    return false;
}

bool lvm_is_thin(const struct lvm_lv *lv)
{
    return *lv->pool != '\0';
}

bool lvm_pool_is_full(const struct lvm_lv *pool)
{
    return pool->data >= 100 || pool->metadata >= 100 || strchr("DFM", pool->attr[8]);
}

/* --- what changes them --- */

/* 0 or -errno: here a failed command is an error. */
static int run(const char *const *argv, unsigned limit_s, struct cancel *cancel, int keep,
               struct err *err)
{
    CLEANUP_FREE char *out = NULL;
    int r = command_run(&(struct command){argv, limit_s, cancel, keep}, &out, err);

    return r > 0 ? -err->errnum : r;
}

static int create(const struct lvm_wish *w, bool trial, struct cancel *cancel, int keep,
                  struct err *err)
{
    char origin[2 * LVM_NAME_MAX + 2], extents[24];
    const char *argv[20] = {"lvcreate", "-s", "-y", "-p", "r", "--addtag", LVM_TAG, "-n", w->name};
    size_t n = 9;

    snprintf(origin, sizeof origin, "%s/%s", w->vg, w->origin);
    snprintf(extents, sizeof extents, "%" PRIu64, w->extents);
    if (trial)
        argv[n++] = "--test";
    if (w->extents) {
        argv[n++] = "-l";
        argv[n++] = extents;
    } else { /* else LVM makes it without activating it */
        argv[n++] = "-k";
        argv[n++] = "n";
    }
    argv[n++] = origin;
    return run(argv, trial ? LOOK_S : CHANGE_S, cancel, keep, err);
}

int lvm_snapshot_trial(const struct lvm_wish *w, struct cancel *cancel, struct err *err)
{
    return create(w, true, cancel, -1, err);
}

/* One that had to be killed may have left its origin suspended, and a guest waits for that. */
int lvm_snapshot(const struct lvm_wish *w, int keep, struct err *err)
{
    char origin[2 * LVM_NAME_MAX + 2];
    const char *const refresh[] = {"lvchange", "--refresh", origin, NULL};
    struct err ignored;
    int r = create(w, false, NULL, keep, err);

    snprintf(origin, sizeof origin, "%s/%s", w->vg, w->origin);
    if (r == -ETIMEDOUT)
        run(refresh, CHANGE_S, NULL, -1, &ignored);
    return r;
}

/* LVM looks for the tag under the group's lock, so nobody else's is removed. */
int lvm_remove(const char *vg, const char *name, struct err *err)
{
    char volume[2 * LVM_NAME_MAX + 2];
    const char *const argv[] = {"lvremove", "-f", "-y", "-S", "lv_tags={" LVM_TAG "}",
                                volume,     NULL};
    CLEANUP(lvm_table_clear) struct lvm_table t = {0};
    const struct lvm_lv *lv;
    struct err ignored;
    int r;

    snprintf(volume, sizeof volume, "%s/%s", vg, name);
    r = run(argv, CHANGE_S, NULL, -1, err);
    if (r == 0 || lvm_look(NULL, &t, &ignored) < 0)
        return r;
    lv = lvm_find_name(&t, vg, name);
    if (!lv || !lvm_is_ours(lv))
        return 0;
    if (lv->attr[5] == 'o')
        return err_set(err, ERR_EXEC, ECODE_NONE, EBUSY, "%s is in use", volume);
    return r;
}

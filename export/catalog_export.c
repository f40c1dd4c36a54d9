/* catalog_export.c - one export: is it complete, and which of its files is which disk?  Pure. */
#include "export/catalog.h"
#include "export/exportini.h"
#include "export/sums.h"

#include <errno.h>
#include <string.h>

/* Files are sorted by name. */
static long find_file(const struct node_export_info *info, const char *name)
{
    size_t lo = 0, hi = info->nfiles;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(name, info->files[mid].name);

        if (c == 0)
            return (long)mid;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return -1;
}

static int find_dumps(struct catalog_export *e, const struct exportini_dumps *dumps,
                      struct err *err)
{
    for (unsigned j = 0; j < dumps->n; j++) {
        if (!dumps->names[j])
            continue;

        long file = find_file(e->info, dumps->names[j]);

        if (file < 0)
            return err_prereq(err, ECODE_NOENT, "disk%u_dump: '%s' is missing", j, dumps->names[j]);
        e->disk_file[e->ndisks++] = (unsigned)file;
    }
    return 0;
}

/* 0: complete. */
static int examine(struct catalog_export *e, struct err *err)
{
    struct exportini_dumps dumps = {0};

    if (!e->info->config)
        return err_prereq(err, ECODE_INVAL, "%s",
                          e->info->config_error ? e->info->config_error : "no " EXPORTINI_FILE);

    int r = exportini_dumps(e->info->config, &dumps, err);

    if (r == 0)
        r = find_dumps(e, &dumps, err);
    exportini_dumps_clear(&dumps);
    return r;
}

static bool is_ours(const struct catalog_export *e)
{
    char name[24];

    if (e->sums_file < 0)
        return false;
    for (unsigned d = 0; d < e->ndisks; d++) {
        snprintf(name, sizeof name, "disk%u.raw", d);
        if (strcmp(e->info->files[e->disk_file[d]].name, name) != 0)
            return false;
    }
    return true;
}

/* What it would be like in our form. */
static int measure_normal(struct catalog_export *e)
{
    CLEANUP_FREE char *text = NULL;
    struct err ignored;
    size_t len = 0;
    int r = exportini_normal(e->info->config, &text, &len, &ignored);

    e->normal_size = len;
    return r == -ENOMEM ? r : 0;
}

/* There are thousands of exports, and of most nobody asks again what their config.ini says. */
static void keep_little(struct catalog_export *e)
{
    e->secrets = e->info->config && exportini_has_secrets(e->info->config);
    if (e->complete && !e->ours)
        (void)ini_pack(&e->info->config);
    else
        ini_free(STEAL(e->info->config));
}

int catalog_export_new(const char *name, struct node_export_info *info_owned,
                       struct catalog_export **ret)
{
    struct catalog_export *e = calloc(1, sizeof *e);
    struct err err;

    if (!e) {
        node_export_info_free(info_owned);
        return -ENOMEM;
    }
    atomic_init(&e->refs, 1);
    e->info = info_owned;
    e->name = strdup(name);
    e->sums_file = find_file(e->info, SUMS_FILE);

    int r = e->name ? examine(e, &err) : -ENOMEM;

    if (r < 0 && r != -ENOMEM) {
        e->ndisks = 0;
        e->error = strdup(err.text);
        r = e->error ? 0 : -ENOMEM;
    } else {
        e->complete = r == 0;
    }
    if (e->complete)
        e->ours = is_ours(e);
    if (e->complete && !e->ours)
        r = measure_normal(e);
    if (r < 0) {
        catalog_export_unref(e);
        return r;
    }
    keep_little(e);
    *ret = e;
    return 0;
}

struct catalog_export *catalog_export_ref(struct catalog_export *e)
{
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void catalog_export_unref(struct catalog_export *e)
{
    if (!e || atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    node_export_info_free(e->info);
    free(e->name);
    free(e->error);
    free(e);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

bool catalog_export_same(const struct catalog_export *a, const struct catalog_export *b)
{
    const struct node_export_info *x = a->info, *y = b->info;

    if (a->complete != b->complete || !same_text(a->error, b->error) || x->id.t != y->id.t ||
        x->id.dev != y->id.dev || x->id.ino != y->id.ino || x->id.size != y->id.size ||
        x->id.hash != y->id.hash || x->published != y->published || x->nfiles != y->nfiles)
        return false;
    for (size_t i = 0; i < x->nfiles; i++) {
        const struct node_export_file *f = &x->files[i], *g = &y->files[i];

        if (strcmp(f->name, g->name) || f->size != g->size || f->ino != g->ino ||
            f->blocks512 != g->blocks512 || f->mtime.tv_sec != g->mtime.tv_sec ||
            f->mtime.tv_nsec != g->mtime.tv_nsec)
            return false;
    }
    return true;
}

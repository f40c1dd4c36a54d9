/* written_files.h - a written image whose dumps are files of a directory.  Include after
 * lu_cluster.h. */
#ifndef TESTS_WRITTEN_FILES_H
#define TESTS_WRITTEN_FILES_H

#include "export/copy.h"
#include "export/exportini.h"

struct written_files {
    struct written w; /* first */
    char dir[300];
    char *text;
    unsigned fail_after; /* so many dumps fill() fails with EBADMSG; 0: never */
    atomic_int drops;
};

static inline int written_files_fill(struct written *w, const struct written_to *to,
                                     XXH128_canonical_t *digests, struct err *err)
{
    struct written_files *f = (struct written_files *)w;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < w->ndumps; i++) {
        char path[600];
        int dst;

        if (f->fail_after && i == f->fail_after)
            return err_set(err, ERR_EXEC, ECODE_NONE, EBADMSG, "it has changed");
        snprintf(path, sizeof path, "%s/%s", f->dir, w->dumps[i].name);

        CLEANUP_CLOSE int src = open(path, O_RDONLY | O_CLOEXEC);

        assert_true(src >= 0);
        r = to->create(to->arg, w->dumps[i].name, &dst, err);
        if (r == 0) {
            const struct copy_job job = {
                .src = src, .dst = dst, .bytes = w->dumps[i].bytes, .cancel = to->cancel};

            r = copy_run(&job, &digests[i], err);
        }
    }
    return r;
}

static inline void written_files_drop(struct written *w)
{
    struct written_files *f = (struct written_files *)w;

    atomic_fetch_add(&f->drops, 1);
}

/* An export that lies in dir (a path below the fixture), whoever made it. */
static inline void written_files_init(struct written_files *f, const char *name, const char *dir)
{
    static const struct written_ops ops = {written_files_fill, written_files_drop};
    struct exportini_dumps dumps;
    CLEANUP_INI struct ini *ini = NULL;
    char path[600];
    struct err err;
    struct stat st;

    *f = (struct written_files){.w = {.ops = &ops, .instance = name}};
    snprintf(f->dir, sizeof f->dir, "%s", fixture_path(dir));
    snprintf(path, sizeof path, "%s/config.ini", dir);
    f->text = cl_read(path, &f->w.config_len);
    f->w.config = f->text;
    assert_int_equal(ini_parse(f->text, f->w.config_len, &ini, &err), 0);
    assert_int_equal(exportini_dumps(ini, &dumps, &err), 0);
    for (unsigned j = 0; j < dumps.n; j++) {
        struct written_dump *d = &f->w.dumps[f->w.ndumps];

        if (!dumps.names[j])
            continue;
        snprintf(path, sizeof path, "%s/%s", f->dir, dumps.names[j]);
        assert_int_equal(stat(path, &st), 0);
        *d = (struct written_dump){.disk = j, .bytes = (uint64_t)st.st_size};
        snprintf(d->name, sizeof d->name, "%s", dumps.names[j]);
        f->w.need += d->bytes;
        f->w.ndumps++;
    }
    exportini_dumps_clear(&dumps);
}

#endif

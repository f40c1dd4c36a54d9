/* manifest.c - see manifest.h.  Pure functions; nothing that comes in is trusted. */
#include "export/manifest.h"

#include "export/names.h"

#include <inttypes.h>
#include <string.h>

#define incomplete(err, ...) err_set(err, ERR_PREREQ, ECODE_INVAL, EBADMSG, __VA_ARGS__)

static const struct manifest_file *find(const struct manifest_files *files, const char *name)
{
    for (size_t i = 0; i < files->n; i++)
        if (!strcmp(files->v[i].name, name))
            return &files->v[i];
    return NULL;
}

int manifest_found(struct manifest_files *files, const char *name, struct manifest_file **ret,
                   struct err *err)
{
    struct manifest_file *f = &files->v[files->n];

    if (!names_valid_file(name) || name[0] == '.')
        return err_prereq(err, ECODE_INVAL, "'%.300s' is not a file that an export has", name);
    if (find(files, name))
        return err_prereq(err, ECODE_INVAL, "'%s' is there twice", name);
    if (files->n == MANIFEST_MAX_FILES)
        return err_prereq(err, ECODE_INVAL, "'%s' is one file more than an export can have", name);
    *f = (struct manifest_file){0};
    snprintf(f->name, sizeof f->name, "%s", name);
    files->n++;
    *ret = f;
    return 0;
}

void manifest_files_clear(struct manifest_files *files)
{
    free(files->config);
    free(files->sums);
    *files = (struct manifest_files){0};
}

char **manifest_text(struct manifest_files *files, const char *name, size_t **len, size_t *max)
{
    if (!strcmp(name, EXPORTINI_FILE)) {
        *len = &files->config_len;
        *max = EXPORTINI_MAX;
        return &files->config;
    }
    if (!strcmp(name, SUMS_FILE)) {
        *len = &files->sums_len;
        *max = MANIFEST_MAX_SUMS;
        return &files->sums;
    }
    return NULL;
}

static void clear_dumps(struct exportini_dumps *d)
{
    exportini_dumps_clear(d);
}

static int read_config(const struct manifest_files *files, const char *instance,
                       struct exportini_dumps *dumps, struct err *err)
{
    CLEANUP_INI struct ini *ini = NULL;
    const char *name;
    int r;

    /* an empty one is about to be written */
    if (!files->config || !files->config_len)
        return incomplete(err, "%s is %s", EXPORTINI_FILE, files->config ? "empty" : "missing");
    if ((r = ini_parse(files->config, files->config_len, &ini, err)) < 0 ||
        (r = exportini_dumps(ini, dumps, err)) < 0)
        return r == -ENOMEM ? r : err_prefix(err, EXPORTINI_FILE);
    name = ini_get(ini, "instance", "name");
    if (strcmp(name, instance))
        return err_prereq(err, ECODE_INVAL,
                          "This is the image of '%.250s', not of '%s'; write it as '%.250s'", name,
                          instance, name);
    return 0;
}

static bool is_named(const struct exportini_dumps *dumps, const char *name)
{
    for (unsigned j = 0; j < dumps->n; j++)
        if (dumps->names[j] && !strcmp(dumps->names[j], name))
            return true;
    return false;
}

static int check_foreign(struct manifest_files *files, const struct exportini_dumps *dumps,
                         struct err *err)
{
    size_t *len, max;

    for (size_t i = 0; i < files->n; i++) {
        const char *name = files->v[i].name;

        if (manifest_text(files, name, &len, &max) || is_named(dumps, name))
            continue;
        if (files->unfinished)
            return incomplete(err, "'%s' is not a dump that %s names", name, EXPORTINI_FILE);
        return err_prereq(err, ECODE_INVAL, "'%s' is not a dump that %s names", name,
                          EXPORTINI_FILE);
    }
    return 0;
}

/* What our own export writes is a raw image, which must fit its disk.  Of other dumps, whose format
 * is an OS definition's own (spec §7.5), a size tells nothing. */
static int check_size(const struct manifest_file *f, unsigned j, uint64_t mib, struct err *err)
{
    char raw[24];

    snprintf(raw, sizeof raw, "disk%u.raw", j);
    if (strcmp(f->name, raw) || !mib || f->size <= mib * MODEL_MIB)
        return 0;
    return err_prereq(err, ECODE_INVAL,
                      "%s has %" PRIu64 " bytes, more than the disk of %" PRIu64 " MiB", f->name,
                      f->size, mib);
}

static int take_dumps(struct manifest *m, const struct manifest_files *files,
                      const struct exportini_dumps *dumps, struct err *err)
{
    for (unsigned j = 0; j < dumps->n; j++) {
        const struct manifest_file *f;
        int r;

        if (!dumps->names[j])
            continue;
        f = find(files, dumps->names[j]);
        if (!f)
            return incomplete(err, "%s is missing", dumps->names[j]);
        if ((r = check_size(f, j, dumps->size_mib[j], err)) < 0)
            return r;
        m->dumps[m->n++] = (struct manifest_dump){.disk = j, .file = *f};
    }
    return 0;
}

int manifest_make(struct manifest_files *files, const char *instance, struct manifest **ret,
                  struct err *err)
{
    CLEANUP(clear_dumps) struct exportini_dumps dumps = {0};
    CLEANUP_MANIFEST struct manifest *m = calloc(1, sizeof *m);
    int r;

    if (!m)
        return err_sys(err, -ENOMEM, "Checking an export");
    if ((r = read_config(files, instance, &dumps, err)) < 0 ||
        (r = check_foreign(files, &dumps, err)) < 0 || (r = take_dumps(m, files, &dumps, err)) < 0)
        return r;
    m->config = STEAL(files->config);
    m->config_len = files->config_len;
    XXH128_canonicalFromHash(&m->config_digest, XXH3_128bits(m->config, m->config_len));
    *ret = STEAL(m);
    return 0;
}

static const XXH128_canonical_t *digest_of(const struct manifest *m, const char *name)
{
    if (!strcmp(name, EXPORTINI_FILE))
        return &m->config_digest;
    for (unsigned i = 0; i < m->n; i++)
        if (!strcmp(m->dumps[i].file.name, name))
            return &m->dumps[i].file.digest;
    return NULL;
}

static int check_sums(const struct manifest *m, const struct manifest_files *files, struct err *err)
{
    CLEANUP_FREE struct sums_entry *sums = NULL;
    size_t n;
    int r = sums_parse(files->sums, files->sums_len, &sums, &n, err);

    if (r == -ENOMEM)
        return r;
    if (r < 0)
        return incomplete(err, "%s: %.*s", SUMS_FILE, (int)sizeof err->text - 64, err->text);
    for (size_t i = 0; i < n; i++) {
        const XXH128_canonical_t *digest = digest_of(m, sums[i].name);

        if (!digest)
            return err_prereq(err, ECODE_INVAL, "%s names '%s', which is not of this export",
                              SUMS_FILE, sums[i].name);
        if (memcmp(digest, &sums[i].digest, sizeof *digest))
            return incomplete(err, "%s is not what %s says", sums[i].name, SUMS_FILE);
    }
    /* none is named twice, so as many are all */
    if (n != m->n + 1)
        return incomplete(err, "%s does not name all files", SUMS_FILE);
    return 0;
}

int manifest_verify(struct manifest *m, const struct manifest_files *files, struct err *err)
{
    m->data = 0;
    for (unsigned i = 0; i < m->n; i++)
        if (__builtin_add_overflow(m->data, m->dumps[i].file.data, &m->data))
            return err_sys(err, -EFBIG, "Checking an export");
    m->has_sums = files->sums != NULL;
    return m->has_sums ? check_sums(m, files, err) : 0;
}

void manifest_free(struct manifest *m)
{
    if (!m)
        return;
    free(m->config);
    free(m);
}

int manifest_sums(const struct manifest *m, char **text, size_t *len)
{
    struct sums_entry e[1 + MODEL_MAX_DISKS] = {{.name = EXPORTINI_FILE}};

    e[0].digest = m->config_digest;
    for (unsigned i = 0; i < m->n; i++) {
        snprintf(e[i + 1].name, sizeof e[i + 1].name, "%s", m->dumps[i].file.name);
        e[i + 1].digest = m->dumps[i].file.digest;
    }
    return sums_format(e, m->n + 1, text, len);
}

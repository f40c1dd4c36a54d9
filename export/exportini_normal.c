/* exportini_normal.c - exportini_normal() of exportini.h: somebody else's config.ini as ours.
 *
 * Nothing but the dumps' names is changed, so what the exporter knew of the instance, and ours does
 * not write, stays.  Pure: the same text comes out of the same text, in every mount of all times.
 */
#include "export/exportini.h"

#include <string.h>

/* The key as it is spelled there. */
static const char *dump_key(const struct ini *ini, unsigned index)
{
    const struct ini_section *s = ini_section(ini, "instance");
    char key[24];

    snprintf(key, sizeof key, "disk%u_dump", index);
    for (size_t i = 0; s && i < s->n; i++)
        if (!strcasecmp(s->entries[i].key, key))
            return s->entries[i].key;
    return NULL;
}

static int rename_dumps(struct ini *ini, const struct exportini_dumps *dumps)
{
    unsigned n = 0;
    int r = 0;

    for (unsigned j = 0; r == 0 && j < dumps->n; j++) {
        const char *key = dumps->names[j] ? dump_key(ini, j) : NULL;

        if (key)
            r = ini_setf(ini, "instance", key, "disk%u.raw", n++);
    }
    return r;
}

/* By way of text, which is as good as any to make a copy. */
static int copy(const struct ini *ini, struct ini **ret, struct err *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int r = ini_format(ini, &text, &len);

    return r < 0 ? err_sys(err, r, "Rendering %s", EXPORTINI_FILE) : ini_parse(text, len, ret, err);
}

int exportini_normal(const struct ini *ini, char **text, size_t *len, struct err *err)
{
    CLEANUP_INI struct ini *changed = NULL;
    CLEANUP_FREE char *buf = NULL;
    struct exportini_dumps dumps = {0};
    size_t n = 0;
    int r = exportini_dumps(ini, &dumps, err);

    if (r < 0)
        return r;
    r = copy(ini, &changed, err);
    if (r == 0 && ((r = rename_dumps(changed, &dumps)) < 0 ||
                   (r = ini_format(changed, &buf, &n)) < 0 || (r = exportini_pad(&buf, &n)) < 0))
        err_sys(err, r, "Rendering %s", EXPORTINI_FILE);
    exportini_dumps_clear(&dumps);
    if (r < 0)
        return r;
    if (n > EXPORTINI_MAX)
        return err_set(err, ERR_PREREQ, ECODE_INVAL, EFBIG,
                       "%s would have %zu bytes, more than the %d that an export has room for",
                       EXPORTINI_FILE, n, EXPORTINI_MAX);
    *text = STEAL(buf);
    *len = n;
    return 0;
}

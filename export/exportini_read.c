/* exportini_read.c - what a config.ini says about its dumps (exportini.h); nothing in it is
 * trusted.
 *
 * As the importer reads it (spec §7.6): disks are looked for by their keys, counts are not read, a
 * value "None" is an absent one.  Stricter in that a dump is a plain file name (L28), no other
 * disk's, and not one of the export's own files.
 */
#include "export/exportini.h"

#include "export/names.h"
#include "export/sums.h"

#include <ctype.h>
#include <string.h>

/* Python's int() of a stripped text: sign, digits, single underscores between digits. */
static bool is_int(const char *s, bool *is_zero)
{
    bool zero = true;

    if (*s == '+' || *s == '-')
        s++;
    do {
        if (!isdigit((unsigned char)*s))
            return false;
        for (; isdigit((unsigned char)*s); s++)
            zero = zero && *s == '0';
    } while (*s++ == '_');
    if (s[-1])
        return false;
    *is_zero = zero;
    return true;
}

static int check_version(const struct ini *ini, struct err *err)
{
    const char *version = ini_get(ini, "export", "version");
    bool zero;

    if (!ini_section(ini, "export") || !version)
        return err_prereq(err, ECODE_INVAL, "Not an export: no [export] version");
    if (!is_int(version, &zero))
        return err_prereq(err, ECODE_INVAL, "Export version '%s' is not a number", version);
    if (!zero)
        return err_prereq(err, ECODE_INVAL, "Wrong export version %s (wanted %d)", version,
                          EXPORTINI_VERSION);
    return 0;
}

/* "disk{j}_dump" or "disk{j}_size" -> j; -1: another key; -ERANGE: j is too big. */
static long disk_index(const char *key)
{
    unsigned long j = 0;
    const char *p = key + 4;

    if (strncasecmp(key, "disk", 4) || !isdigit((unsigned char)*p) ||
        (*p == '0' && isdigit((unsigned char)p[1])))
        return -1;
    for (; isdigit((unsigned char)*p); p++)
        if (j < MODEL_MAX_DISKS)
            j = j * 10 + (unsigned long)(*p - '0');
    if (strcasecmp(p, "_dump") && strcasecmp(p, "_size"))
        return -1;
    return j < MODEL_MAX_DISKS ? (long)j : -ERANGE;
}

static int add_dump(struct exportini_dumps *d, unsigned j, const char *name, struct err *err)
{
    if (!names_valid_file(name) || name[0] == '.' || !strcmp(name, EXPORTINI_FILE) ||
        !strcmp(name, SUMS_FILE))
        return err_prereq(err, ECODE_INVAL,
                          "disk%u_dump = '%s' is not allowed as a dump's file name", j, name);
    for (unsigned i = 0; i < MODEL_MAX_DISKS; i++)
        if (d->names[i] && !strcmp(d->names[i], name))
            return err_prereq(err, ECODE_INVAL, "disk%u_dump and disk%u_dump are both '%s'", i, j,
                              name);
    d->names[j] = strdup(name);
    return d->names[j] ? 0 : err_sys(err, -ENOMEM, "Reading %s", EXPORTINI_FILE);
}

static int add_size(struct exportini_dumps *d, unsigned j, const char *value, struct err *err)
{
    unsigned long long mib;
    uint64_t bytes;
    char *end;

    errno = 0;
    mib = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || errno ||
        __builtin_mul_overflow(mib, MODEL_MIB, &bytes) || bytes > INT64_MAX)
        return err_prereq(err, ECODE_INVAL, "disk%u_size = '%s' is not a size in MiB", j, value);
    d->size_mib[j] = mib;
    return 0;
}

static int add_key(struct exportini_dumps *d, const struct ini_entry *e, struct err *err)
{
    long j = disk_index(e->key);

    if (j == -ERANGE)
        return err_prereq(err, ECODE_INVAL, "%s: more than %d disks", e->key, MODEL_MAX_DISKS);
    if (j < 0 || !strcasecmp(e->value, "none"))
        return 0;

    bool dump = !strcasecmp(strchr(e->key, '_'), "_dump");
    int r =
        dump ? add_dump(d, (unsigned)j, e->value, err) : add_size(d, (unsigned)j, e->value, err);

    if (r == 0 && d->n <= j)
        d->n = (unsigned)j + 1;
    return r;
}

void exportini_dumps_clear(struct exportini_dumps *d)
{
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++)
        free(d->names[j]);
    *d = (struct exportini_dumps){0};
}

int exportini_dumps(const struct ini *ini, struct exportini_dumps *ret, struct err *err)
{
    const struct ini_section *s = ini_section(ini, "instance");
    const char *name = ini_get(ini, "instance", "name");
    struct exportini_dumps d = {0};
    int r = check_version(ini, err);

    if (r < 0)
        return r;
    if (!name || !*name)
        return err_prereq(err, ECODE_INVAL, "Not an export: no [instance] name");
    for (size_t i = 0; r == 0 && i < s->n; i++)
        r = add_key(&d, &s->entries[i], err);
    if (r < 0) {
        exportini_dumps_clear(&d);
        return r;
    }
    *ret = d;
    return 0;
}

bool exportini_has_secrets(const struct ini *ini)
{
    const struct ini_section *s = ini_section(ini, "os_private");

    return s && s->n;
}

int64_t exportini_timestamp(const struct ini *ini)
{
    const char *text = ini_get(ini, "export", "timestamp");
    char *end;
    long long value;

    if (!text || !*text)
        return 0;
    errno = 0;
    value = strtoll(text, &end, 10);
    return errno || *end || value < 0 ? 0 : value;
}

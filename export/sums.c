/* sums.c - see sums.h.  Pure functions; the text read is not trusted. */
#include "export/sums.h"

#include "export/names.h"
#include "lock/cleanup.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define HEX_LEN     32u /* digits of an XXH128 */
#define MAX_ENTRIES 1024

uint64_t sums_size(const char *const *names, size_t n)
{
    uint64_t size = 0;

    for (size_t i = 0; i < n; i++)
        size += HEX_LEN + 2 + strlen(names[i]) + 1;
    return size;
}

int sums_format(const struct sums_entry *e, size_t n, char **text, size_t *len)
{
    CLEANUP_FREE char *buf = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&buf, &size);

    if (!f)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < sizeof e[i].digest.digest; j++)
            fprintf(f, "%02x", (unsigned)e[i].digest.digest[j]);
        fprintf(f, "  %s\n", e[i].name);
    }

    int failed = ferror(f);

    if (fclose(f) || failed)
        return -ENOMEM;
    *text = STEAL(buf);
    *len = size;
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int parse_line(const char *s, size_t len, struct sums_entry *e)
{
    size_t name_len = len - HEX_LEN - 2;

    if (len < HEX_LEN + 3 || name_len >= sizeof e->name || memchr(s, '\0', len))
        return -EINVAL;
    for (size_t i = 0; i < sizeof e->digest.digest; i++) {
        int hi = hex_digit(s[2 * i]), lo = hex_digit(s[2 * i + 1]);

        if (hi < 0 || lo < 0)
            return -EINVAL;
        e->digest.digest[i] = (unsigned char)(hi << 4 | lo);
    }
    if (memcmp(s + HEX_LEN, "  ", 2))
        return -EINVAL;
    memcpy(e->name, s + HEX_LEN + 2, name_len);
    e->name[name_len] = '\0';
    return names_valid_file(e->name) ? 0 : -EINVAL;
}

static bool has_name(const struct sums_entry *e, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(e[i].name, name))
            return true;
    return false;
}

int sums_parse(const char *text, size_t len, struct sums_entry **ret, size_t *n, struct err *err)
{
    CLEANUP_FREE struct sums_entry *v = NULL;
    const char *end = text + len;
    size_t lines = 0, i = 0;

    for (const char *p = text; p < end; p++)
        lines += *p == '\n' || p + 1 == end;
    if (lines > MAX_ENTRIES)
        return err_prereq(err, ECODE_INVAL, "line %d: more lines than an export has files",
                          MAX_ENTRIES + 1);
    v = calloc(lines + 1, sizeof *v);
    if (!v)
        return err_sys(err, -ENOMEM, "Reading checksums");
    for (; text < end; i++) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        const char *eol = nl ? nl : end;

        if (parse_line(text, (size_t)(eol - text), &v[i]) < 0)
            return err_prereq(err, ECODE_INVAL, "line %zu: not a checksum and a plain file name",
                              i + 1);
        if (has_name(v, i, v[i].name))
            return err_prereq(err, ECODE_INVAL, "line %zu: '%s' occurs twice", i + 1, v[i].name);
        text = nl ? nl + 1 : end;
    }
    *ret = STEAL(v);
    *n = i;
    return 0;
}

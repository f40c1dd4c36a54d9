/* ini_write.c - ini_format() of ini.h: what Python's ConfigParser.write() would have written. */
#include "export/ini.h"

#include <stdbool.h>
#include <stdio.h>

static void put_value(FILE *f, const char *value)
{
    for (const char *p = value; *p; p++) {
        if (*p == '\n')
            fputs("\n\t", f);
        else if (*p == '%')
            fputs("%%", f);
        else
            fputc(*p, f);
    }
}

int ini_format(const struct ini *ini, char **text, size_t *len)
{
    CLEANUP_FREE char *buf = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&buf, &size);

    if (!f)
        return -ENOMEM;
    for (size_t i = 0; i < ini->n; i++) {
        const struct ini_section *s = &ini->sections[i];

        fprintf(f, "[%s]\n", s->name);
        for (size_t j = 0; j < s->n; j++) {
            fprintf(f, "%s = ", s->entries[j].key);
            put_value(f, s->entries[j].value);
            fputc('\n', f);
        }
        fputc('\n', f);
    }

    bool failed = ferror(f);

    if (fclose(f) || failed)
        return -ENOMEM;
    *text = STEAL(buf);
    *len = size;
    return 0;
}

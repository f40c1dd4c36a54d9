/* The ini parser and what reads a config.ini: what it takes is well-formed, and what is written of
 * it reads back as the same. */
#include "export/exportini.h"
#include "export/names.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static bool same(const struct ini *a, const struct ini *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct ini_section *s = &a->sections[i], *t = &b->sections[i];

        if (strcmp(s->name, t->name) || s->n != t->n)
            return false;
        for (size_t j = 0; j < s->n; j++)
            if (strcmp(s->entries[j].key, t->entries[j].key) ||
                strcmp(s->entries[j].value, t->entries[j].value))
                return false;
    }
    return true;
}

static void check_written(const struct ini *ini)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_INI struct ini *again = NULL;
    struct err err = {0};
    size_t len;
    int r;

    must(ini_format(ini, &text, &len) == 0);
    r = ini_parse(text, len, &again, &err);
    /* what is written can be longer than what may be read */
    must(r == 0 || (r == -EFBIG && len > INI_MAX_BYTES));
    must(r < 0 || same(ini, again));
}

static void check_dumps(const struct ini *ini)
{
    struct exportini_dumps dumps = {0};
    struct err err = {0};
    int r = exportini_dumps(ini, &dumps, &err);

    must(r == 0 || (r == -EINVAL && err.text[0]));
    must(dumps.n <= MODEL_MAX_DISKS);
    for (unsigned j = 0; j < MODEL_MAX_DISKS; j++)
        must(!dumps.names[j] ||
             (j < dumps.n && names_valid_file(dumps.names[j]) && dumps.names[j][0] != '.'));
    must(r < 0 || ini_get(ini, "instance", "name"));
    exportini_has_secrets(ini);
    exportini_dumps_clear(&dumps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_INI struct ini *ini = NULL;
    struct err err = {0};
    int r = ini_parse((const char *)data, size, &ini, &err);

    if (r < 0) {
        must(!ini && (r == -EINVAL || r == -EFBIG) && err.errnum == -r && err.text[0]);
        return 0;
    }
    must(r == 0 && ini);
    check_written(ini);
    check_dumps(ini);
    return 0;
}

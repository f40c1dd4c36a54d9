/* ini.c - the tree of sections and entries, and what the dialect can carry (ini_parts.h).
 *
 * Arrays grow by doubling, their capacity being the next power of two.  Lookups are linear: a
 * config.ini has six sections and some dozens of keys.  No locking; a finished tree is immutable
 * and may be read by any thread.
 */
#include "export/ini.h"

#include "export/ini_parts.h"
#include "export/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

bool ini_text_ok(const char *p, size_t len)
{
    while (len) {
        uint32_t c;
        size_t n = utf8_next(p, len, &c);

        if (!n || (c < 0x20 && c != '\t') || c == 0x7f)
            return false;
        p += n;
        len -= n;
    }
    return true;
}

bool ini_section_ok(const char *name)
{
    return *name && !strpbrk(name, "[]") && strcmp(name, "DEFAULT") &&
           ini_text_ok(name, strlen(name));
}

bool ini_key_ok(const char *key)
{
    size_t len = strlen(key);

    if (!len || strchr("#;[ ", key[0]) || key[len - 1] == ' ')
        return false;
    for (const char *p = key; *p; p++)
        if (*p < 0x20 || *p > 0x7e || *p == '=' || *p == ':')
            return false;
    return true;
}

void ini_strip(const char **p, size_t *len)
{
    uint32_t c;

    while (*len) {
        size_t n = utf8_next(*p, *len, &c);

        if (!n || !utf8_is_space(c))
            break;
        *p += n;
        *len -= n;
    }
    while (*len) {
        size_t n = 1;

        while (n < *len && ((*p)[*len - n] & 0xc0) == 0x80)
            n++;
        if (utf8_next(*p + *len - n, n, &c) != n || !utf8_is_space(c))
            break;
        *len -= n;
    }
}

bool ini_value_ok(const char *value)
{
    for (const char *p = value;; p++) {
        size_t len = strcspn(p, "\n"), stripped = len;
        const char *q = p;
        bool last = p[len] == '\0', first = p == value;

        ini_strip(&q, &stripped);
        if (stripped != len || !ini_text_ok(p, len) || (!first && (*p == '#' || *p == ';')))
            return false;
        if (last)
            return len || first;
        p += len;
    }
}

/* Makes room for one more in an array of n whose capacity is the next power of two. */
static void *grow(void *v, size_t n, size_t size)
{
    size_t bytes;

    if (n & (n - 1))
        return v;
    if (__builtin_mul_overflow(n ? n * 2 : 1, size, &bytes))
        return NULL;
    return realloc(v, bytes);
}

struct ini_section *ini_push_section(struct ini *ini, const char *name, size_t len, unsigned line)
{
    struct ini_section *v = grow(ini->sections, ini->n, sizeof *v);

    if (!v)
        return NULL;
    ini->sections = v;
    v[ini->n] = (struct ini_section){.name = strndup(name, len), .line = line};
    return v[ini->n].name ? &v[ini->n++] : NULL;
}

struct ini_entry *ini_push_entry(struct ini_section *s, const char *key, size_t len, unsigned line)
{
    struct ini_entry *v = grow(s->entries, s->n, sizeof *v);

    if (!v)
        return NULL;
    s->entries = v;
    v[s->n] = (struct ini_entry){.key = strndup(key, len), .line = line};
    return v[s->n].key ? &v[s->n++] : NULL;
}

int ini_new(struct ini **ret)
{
    struct ini *ini = calloc(1, sizeof *ini);

    if (!ini)
        return -ENOMEM;
    *ret = ini;
    return 0;
}

static void section_clear(struct ini_section *s)
{
    for (size_t j = 0; j < s->n; j++) {
        free(s->entries[j].key);
        free(s->entries[j].value);
    }
    free(s->entries);
    free(s->name);
}

void ini_free(struct ini *ini)
{
    if (!ini)
        return;
    for (size_t i = 0; !ini->packed && i < ini->n; i++)
        section_clear(&ini->sections[i]);
    if (!ini->packed)
        free(ini->sections);
    free(ini);
}

void ini_drop_section(struct ini *ini, size_t i)
{
    section_clear(&ini->sections[i]);
    memmove(&ini->sections[i], &ini->sections[i + 1], (--ini->n - i) * sizeof *ini->sections);
}

static struct ini_section *find_section(const struct ini *ini, const char *section)
{
    for (size_t i = 0; i < ini->n; i++)
        if (!strcmp(ini->sections[i].name, section))
            return &ini->sections[i];
    return NULL;
}

static struct ini_entry *find_entry(const struct ini_section *s, const char *key)
{
    for (size_t i = 0; i < s->n; i++)
        if (!strcasecmp(s->entries[i].key, key))
            return &s->entries[i];
    return NULL;
}

const struct ini_section *ini_section(const struct ini *ini, const char *section)
{
    return find_section(ini, section);
}

const char *ini_get(const struct ini *ini, const char *section, const char *key)
{
    const struct ini_section *s = find_section(ini, section);
    const struct ini_entry *e = s ? find_entry(s, key) : NULL;

    return e ? e->value : NULL;
}

int ini_add_section(struct ini *ini, const char *section)
{
    if (!ini_section_ok(section))
        return -EINVAL;
    if (ini->packed)
        return -EROFS;
    if (find_section(ini, section))
        return 0;
    return ini_push_section(ini, section, strlen(section), 0) ? 0 : -ENOMEM;
}

int ini_set(struct ini *ini, const char *section, const char *key, const char *value)
{
    if (!ini_key_ok(key) || !ini_value_ok(value))
        return -EINVAL;

    int r = ini_add_section(ini, section);

    if (r < 0)
        return r;

    CLEANUP_FREE char *copy = strdup(value);
    struct ini_section *s = find_section(ini, section);
    struct ini_entry *e = find_entry(s, key);

    if (!copy)
        return -ENOMEM;
    if (!e)
        e = ini_push_entry(s, key, strlen(key), 0);
    if (!e)
        return -ENOMEM;
    free(e->value);
    e->value = STEAL(copy);
    return 0;
}

int ini_setf(struct ini *ini, const char *section, const char *key, const char *fmt, ...)
{
    CLEANUP_FREE char *value = NULL;
    va_list ap;

    va_start(ap, fmt);
    int n = vasprintf(&value, fmt, ap);
    va_end(ap);
    if (n < 0) {
        value = NULL;
        return -ENOMEM;
    }
    return ini_set(ini, section, key, value);
}

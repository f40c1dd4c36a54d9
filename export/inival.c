/* inival.c - see inival.h.  Pure functions, any thread. */
#include "export/inival.h"

#include <errno.h>
#include <string.h>

const char *inival_get(const struct ini *ini, const char *section, const char *key)
{
    const char *value = ini_get(ini, section, key);

    return value && *value && strcasecmp(value, "none") ? value : NULL;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (!strcasecmp(word, *words))
            return true;
    return false;
}

int inival_bool(const struct ini *ini, const char *section, const char *key, bool *ret,
                struct err *err)
{
    static const char *const yes[] = {"true", "yes", "on", "1", NULL};
    static const char *const no[] = {"false", "no", "off", "0", NULL};
    const char *value = inival_get(ini, section, key);

    if (!value)
        return 0;
    if (is_one_of(value, yes))
        *ret = true;
    else if (is_one_of(value, no))
        *ret = false;
    else
        return err_prereq(err, ECODE_INVAL, "[%s] %s: '%.64s' is not a boolean (True or False)",
                          section, key, value);
    return 0;
}

/* Digits only: strtoull would take blanks, signs and wrap negative numbers. */
static bool parse_uint(const char *s, uint64_t *ret)
{
    uint64_t n = 0;

    for (; *s; s++)
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
            return false;
    *ret = n;
    return true;
}

int inival_uint(const struct ini *ini, const char *section, const char *key, uint64_t min,
                uint64_t max, uint64_t *ret, struct err *err)
{
    const char *value = inival_get(ini, section, key);
    uint64_t n;

    if (!value)
        return 0;
    if (!parse_uint(value, &n) || n < min || n > max)
        return err_prereq(err, ECODE_INVAL,
                          "[%s] %s: '%.64s' is not a whole number from %llu to %llu", section, key,
                          value, (unsigned long long)min, (unsigned long long)max);
    *ret = n;
    return 0;
}

static int check_keys(const struct ini_section *s, const struct inival_section *rule,
                      struct err *err)
{
    for (size_t i = 0; rule->keys && i < s->n; i++)
        if (!is_one_of(s->entries[i].key, rule->keys) &&
            !(rule->other && rule->other(s->entries[i].key)))
            return err_prereq(err, ECODE_INVAL, "line %u: [%s] has no key '%.128s'",
                              s->entries[i].line, s->name, s->entries[i].key);
    return 0;
}

int inival_check(const struct ini *ini, const struct inival_section *sections, size_t n,
                 struct err *err)
{
    for (size_t i = 0; i < ini->n; i++) {
        const struct ini_section *s = &ini->sections[i];
        size_t j = 0;

        while (j < n && strcmp(s->name, sections[j].name))
            j++;
        if (j == n)
            return err_prereq(err, ECODE_INVAL, "line %u: unknown section [%.128s]", s->line,
                              s->name);

        int r = check_keys(s, &sections[j], err);

        if (r < 0)
            return r;
    }
    return 0;
}

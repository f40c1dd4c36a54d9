/* names.c - see names.h.  Pure functions, any thread.
 *
 * Names are ASCII by rule, so case is folded for ASCII only and whatever the locale.
 */
#include "export/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static bool is_name_char(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '+' || c == '-';
}

static bool ends_with(const char *s, size_t len, const char *end)
{
    size_t n = strlen(end);

    return len >= n && !memcmp(s + len - n, end, n);
}

bool names_valid(const char *name)
{
    size_t len = strnlen(name, NAMES_MAX + 1);

    if (!len || len > NAMES_MAX || name[0] == '.' || name[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_name_char(name[i]) || (name[i] == '.' && name[i + 1] == '.'))
            return false;
    return !ends_with(name, len, ".new") && !ends_with(name, len, ".tar");
}

size_t names_unfinished(const char *name)
{
    size_t len = strnlen(name, NAMES_MAX + 5);
    char stem[NAMES_MAX + 1];

    if (len <= 4 || len > NAMES_MAX + 4 || strcmp(name + len - 4, ".new") != 0)
        return 0;
    snprintf(stem, sizeof stem, "%.*s", (int)(len - 4), name);
    return names_valid(stem) ? len - 4 : 0;
}

bool names_valid_file(const char *name)
{
    size_t len = strnlen(name, 256);

    if (!len || len > 255 || !strcmp(name, ".") || !strcmp(name, ".."))
        return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] == '/' || (unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return true;
}

/* 2: equal ignoring case, 1: name begins with key + "." ignoring case, 0: neither. */
static int likeness(const char *key, const char *name)
{
    while (*key && lower(*key) == lower(*name)) {
        key++;
        name++;
    }
    if (*key)
        return 0;
    return *name == '\0' ? 2 : *name == '.';
}

long names_match(const char *key, size_t n, const char *(*get)(const void *arg, size_t i),
                 const void *arg)
{
    size_t equal = 0, candidates = 0;
    long last_equal = -ENOENT, last = -ENOENT;

    for (size_t i = 0; i < n; i++) {
        const char *name = get(arg, i);

        if (!strcmp(name, key))
            return (long)i;
        switch (likeness(key, name)) {
        case 2:
            equal++;
            last_equal = (long)i;
            /* fall through */
        case 1:
            candidates++;
            last = (long)i;
        }
    }
    if (equal == 1)
        return last_equal;
    return candidates == 1 ? last : -ENOENT;
}

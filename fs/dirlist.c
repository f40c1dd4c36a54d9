/* dirlist.c - two growing arrays: the entries, and all their names one after the other. */
#include "fs/dirlist.h"

#include "lock/cleanup.h"

#include <string.h>

/* Makes room for `more` items of `size` bytes behind `used`. */
static int reserve(void **at, size_t *room, size_t used, size_t more, size_t size)
{
    size_t need, bytes;
    if (__builtin_add_overflow(used, more, &need))
        return -ENOMEM;
    if (need <= *room)
        return 0;
    size_t bigger = need < 64 ? 64 : need;
    if (__builtin_add_overflow(bigger, bigger / 2, &bigger) ||
        __builtin_mul_overflow(bigger, size, &bytes))
        return -ENOMEM;
    void *p = realloc(*at, bytes);
    if (!p)
        return -ENOMEM;
    *at = p;
    *room = bigger;
    return 0;
}

int dirlist_add(struct dirlist *l, const char *name, uint64_t number, mode_t type)
{
    size_t len = strlen(name) + 1;
    if (reserve((void **)&l->entries, &l->room, l->n, 1, sizeof(*l->entries)) < 0 ||
        reserve((void **)&l->names, &l->names_room, l->names_len, len, 1) < 0)
        return -ENOMEM;
    memcpy(l->names + l->names_len, name, len);
    l->entries[l->n++] = (struct dirlist_entry){l->names_len, number, type};
    l->names_len += len;
    return 0;
}

const char *dirlist_name(const struct dirlist *l, size_t i)
{
    return l->names + l->entries[i].name;
}

void dirlist_clear(struct dirlist *l)
{
    free(l->entries);
    free(l->names);
    *l = (struct dirlist){0};
}

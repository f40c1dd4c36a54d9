/* strvec.c - see strvec.h.  No locking: a vector belongs to one thread at a time. */
#include "strvec.h"

#include <stdint.h>
#include <string.h>

void strvec_clear(struct strvec *sv)
{
    for (size_t i = 0; i < sv->n; i++)
        free(sv->v[i]);
    free(sv->v);
    *sv = (struct strvec){0};
}

static int reserve(struct strvec *sv, size_t more)
{
    size_t need, alloc = sv->alloc ? sv->alloc : 8;
    char **v;

    if (__builtin_add_overflow(sv->n, more, &need) || ++need > SIZE_MAX / 2 / sizeof *v)
        return -ENOMEM;
    if (need <= sv->alloc)
        return 0;
    while (alloc < need)
        alloc *= 2;
    v = realloc(sv->v, alloc * sizeof *v);
    if (!v)
        return -ENOMEM;
    sv->v = v;
    sv->alloc = alloc;
    return 0;
}

int strvec_add(struct strvec *sv, const char *s)
{
    return strvec_add_all(sv, &s, 1);
}

int strvec_add_all(struct strvec *sv, const char *const *src, size_t n)
{
    int r = reserve(sv, n);

    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) {
        char *copy = strdup(src[i]);

        if (!copy) {
            while (i-- > 0)
                free(sv->v[--sv->n]);
            sv->v[sv->n] = NULL;
            return -ENOMEM;
        }
        sv->v[sv->n++] = copy;
    }
    sv->v[sv->n] = NULL;
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void strvec_sort(struct strvec *sv)
{
    if (sv->n > 1)
        qsort(sv->v, sv->n, sizeof *sv->v, compare);
}

void strvec_sort_unique(struct strvec *sv)
{
    size_t kept = 0;

    strvec_sort(sv);
    for (size_t i = 0; i < sv->n; i++) {
        if (kept > 0 && strcmp(sv->v[kept - 1], sv->v[i]) == 0)
            free(sv->v[i]);
        else
            sv->v[kept++] = sv->v[i];
    }
    sv->n = kept;
    if (sv->v)
        sv->v[kept] = NULL;
}

long strvec_find(const struct strvec *sv, const char *s)
{
    for (size_t i = 0; i < sv->n; i++)
        if (strcmp(sv->v[i], s) == 0)
            return (long)i;
    return -1;
}

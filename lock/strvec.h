/* strvec.h - a growing vector of owned strings, always ended by a NULL. */
#ifndef LOCK_STRVEC_H
#define LOCK_STRVEC_H

#include "cleanup.h"

#include <stdbool.h>
#include <stddef.h>

struct strvec {
    char **v; /* n strings and a NULL; NULL itself while nothing was ever added */
    size_t n;
    size_t alloc;
};

/* Gives back all strings and the vector; the struct is empty and usable afterwards. */
void strvec_clear(struct strvec *sv);

/* Appends a copy of s.  Returns 0 or -ENOMEM (vector unchanged). */
int strvec_add(struct strvec *sv, const char *s);

/* Appends a copy of all of src.  Returns 0 or -ENOMEM (vector unchanged). */
int strvec_add_all(struct strvec *sv, const char *const *src, size_t n);

/* Sorts by byte order (strcmp). */
void strvec_sort(struct strvec *sv);

/* Sorts and drops equal strings. */
void strvec_sort_unique(struct strvec *sv);

/* Index of the first string equal to s, or -1.  Linear. */
long strvec_find(const struct strvec *sv, const char *s);

static inline bool strvec_has(const struct strvec *sv, const char *s)
{
    return strvec_find(sv, s) >= 0;
}

#define CLEANUP_STRVEC CLEANUP(strvec_clear)

#endif

/* inival.h - typed values out of a cluster directory's ini files, and what may stand in them. */
#ifndef EXPORT_INIVAL_H
#define EXPORT_INIVAL_H

#include "export/ini.h"

#include <stdbool.h>
#include <stdint.h>

/* The value, or NULL when it is absent, empty, or "none" in any case (spec §7.6: unset). */
const char *inival_get(const struct ini *ini, const char *section, const char *key);

/* True/False/yes/no/on/off/1/0 in any case.  Unset: *ret stays.  -EINVAL names section and key. */
int inival_bool(const struct ini *ini, const char *section, const char *key, bool *ret,
                struct err *err);

/* A whole decimal number from min to max.  Unset: *ret stays.  -EINVAL names section and key. */
int inival_uint(const struct ini *ini, const char *section, const char *key, uint64_t min,
                uint64_t max, uint64_t *ret, struct err *err);

struct inival_section {
    const char *name;
    const char *const *keys;        /* NULL ended; NULL itself: any key may stand in it */
    bool (*other)(const char *key); /* NULL, or accepts further keys */
};

/* Only the n sections with their keys may be there: -EINVAL names the first other one and its line.
 */
int inival_check(const struct ini *ini, const struct inival_section *sections, size_t n,
                 struct err *err);

#endif

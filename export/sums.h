/* sums.h - XXH128SUMS: what `xxhsum -H128` prints and `xxhsum -c` checks. */
#ifndef EXPORT_SUMS_H
#define EXPORT_SUMS_H

#include "export/err.h"

#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

#define SUMS_FILE "XXH128SUMS"

struct sums_entry {
    char name[256];
    XXH128_canonical_t digest;
};

/* "<32 hex digits>  <name>\n" per entry, in the order given; the caller frees *text.  The size
 * depends on the names only.  0 or -ENOMEM. */
int sums_format(const struct sums_entry *e, size_t n, char **text, size_t *len);
uint64_t sums_size(const char *const *names, size_t n);

/* Parses such a text, at most 1024 lines: names must be plain file names, each once.  -EINVAL names
 * the line; -ENOMEM.  The caller frees *ret. */
int sums_parse(const char *text, size_t len, struct sums_entry **ret, size_t *n, struct err *err);

#endif

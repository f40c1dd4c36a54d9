/* tarhead.h - tar headers as bytes in memory. */
#ifndef EXPORT_TARHEAD_H
#define EXPORT_TARHEAD_H

#include <stddef.h>
#include <stdint.h>

#define TARHEAD_BLOCK 512
/* more than any header needs: a pax header, its records (a path, a size), the ustar header */
#define TARHEAD_MAX (8 * TARHEAD_BLOCK)

/* The header of a regular file: root's, mode 0600; path is UTF-8.  mtime is brought into what ustar
 * can hold, so that it never changes the header's length.  Returns the length, a multiple of
 * TARHEAD_BLOCK; -EIO when libarchive refuses, -EINVAL when its answer does not fit. */
long tarhead_file(const char *path, uint64_t size, int64_t mtime, unsigned char ret[TARHEAD_MAX]);

/* The header of a pax global header with `size` bytes of records behind it: TARHEAD_BLOCK or
 * -errno. */
long tarhead_global(uint64_t size, unsigned char ret[TARHEAD_MAX]);

#endif

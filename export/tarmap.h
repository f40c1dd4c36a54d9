/* tarmap.h - the tar form of an export as a list of extents (DESIGN §5); never materialised.
 *
 * Members in the order given: config.ini first, the dumps, XXH128SUMS, then the end marker.  Layout
 * is a pure function of the names and the dumps' sizes: the data of the first dump begins at
 * TARMAP_FIRST, each further dump at a multiple of TARMAP_ALIGN; the room before is filled by pax
 * global headers that hold a comment.  Member headers are made by libarchive (owner root, mode
 * 0600, mtime given); sizes from 8 GiB on get a pax size record.  Without dumps it is the member
 * behind config.ini whose data begins at TARMAP_FIRST.
 */
#ifndef EXPORT_TARMAP_H
#define EXPORT_TARMAP_H

#include <stddef.h>
#include <stdint.h>

#define TARMAP_ALIGN 4096
#define TARMAP_END   1024         /* length of the end marker */
#define TARMAP_FIRST (128 * 1024) /* offset of the first dump's data; room for EXPORTINI_MAX */

struct tarmap_member {
    const char *name; /* "config.ini", without the directory */
    uint64_t size;
    int aligned; /* 1: a dump, its data starts at a multiple of TARMAP_ALIGN */
};

struct tarmap_extent {
    uint64_t start, len; /* in the tar, bytes */
    int member;          /* index, or -1: literal bytes */
    uint64_t offset;     /* in the member, or in map->bytes */
};

struct tarmap {
    uint64_t size;
    size_t n;
    struct tarmap_extent *extents; /* sorted, without gaps, from 0 to size */
    unsigned char *bytes;          /* headers, padding, end marker */
    size_t nbytes;
};

/* Builds the map.  dir: the top directory in the archive (instance name).  mtime: Unix seconds,
 * brought into what ustar can hold; it never changes the layout.  The caller frees *ret.  -EINVAL
 * (name), -EFBIG (members before the first dump do not fit below TARMAP_FIRST), -EOVERFLOW,
 * -ENOMEM, -EIO (libarchive). */
int tarmap_build(const char *dir, int64_t mtime, const struct tarmap_member *members, size_t n,
                 struct tarmap **ret);
void tarmap_free(struct tarmap *map); /* NULL allowed */

/* Size alone, from names and sizes. */
int tarmap_size(const char *dir, const struct tarmap_member *members, size_t n, uint64_t *ret);

/* Index of the extent that holds offset (< size).  O(log n). */
size_t tarmap_find(const struct tarmap *map, uint64_t offset);

#endif

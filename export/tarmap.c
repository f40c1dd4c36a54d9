/* tarmap.c - see tarmap.h.  A finished map is immutable and may be read by any thread.
 *
 *     config.ini | filler | disk0 header | disk0 | filler | disk1 header | disk1 | sums | end
 *                                        ^ TARMAP_FIRST                  ^ multiple of TARMAP_ALIGN
 *
 * A filler is a pax global header with one record, "LEN comment=...", as `git archive` writes one:
 * every reader skips it without a word.  It takes a header and at least one block of records, so a
 * gap is never a single block.  All fillers and pads point at the same few literal bytes: memory
 * grows with the number of members, not with the gaps.
 */
#include "export/tarmap.h"

#include "export/names.h"
#include "export/tarhead.h"
#include "lock/cleanup.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK       TARHEAD_BLOCK
#define FILL_CHUNK  4096 /* literal filler text that all fillers share */
#define FILL_CHAR   '.'
#define MEMBERS_MAX 1024

/* literal bytes that every map has at the front of `bytes` */
enum { AT_ZEROS = 0, AT_FILL = TARMAP_END, COMMON = AT_FILL + FILL_CHUNK };

static int push_extent(struct tarmap *map, struct tarmap_extent e)
{
    struct tarmap_extent *v;

    if (!e.len)
        return 0;
    if (!(map->n & (map->n - 1))) {
        v = realloc(map->extents, (map->n ? map->n * 2 : 1) * sizeof *v);
        if (!v)
            return -ENOMEM;
        map->extents = v;
    }
    e.start = map->size;
    if (__builtin_add_overflow(map->size, e.len, &map->size) || map->size > INT64_MAX)
        return -EOVERFLOW;
    map->extents[map->n++] = e;
    return 0;
}

/* Own bytes of this place; those that follow each other become one extent. */
static int push_bytes(struct tarmap *map, const void *data, size_t len)
{
    struct tarmap_extent *last = map->n ? &map->extents[map->n - 1] : NULL;
    unsigned char *p = realloc(map->bytes, map->nbytes + len);
    size_t at = map->nbytes;

    if (!p)
        return -ENOMEM;
    map->bytes = p;
    memcpy(p + at, data, len);
    map->nbytes += len;
    if (last && last->member < 0 && last->offset + last->len == at) {
        last->len += len;
        map->size += len;
        return 0;
    }
    return push_extent(map, (struct tarmap_extent){.len = len, .member = -1, .offset = at});
}

static int push_common(struct tarmap *map, uint64_t at, size_t len)
{
    return push_extent(map, (struct tarmap_extent){.len = len, .member = -1, .offset = at});
}

static int push_common_bytes(struct tarmap *map)
{
    map->bytes = malloc(COMMON);
    if (!map->bytes)
        return -ENOMEM;
    memset(map->bytes + AT_ZEROS, 0, AT_FILL);
    memset(map->bytes + AT_FILL, FILL_CHAR, FILL_CHUNK);
    map->nbytes = COMMON;
    return 0;
}

/* gap bytes: a multiple of BLOCK, 0 or at least two. */
static int push_filler(struct tarmap *map, uint64_t gap)
{
    unsigned char head[TARHEAD_MAX];
    char key[48];

    if (!gap)
        return 0;

    uint64_t text = gap - BLOCK;
    long r = tarhead_global(text, head);
    int n = snprintf(key, sizeof key, "%llu comment=", (unsigned long long)text);

    if (r < 0)
        return (int)r;
    if ((r = push_bytes(map, head, BLOCK)) < 0 || (r = push_bytes(map, key, (size_t)n)) < 0)
        return (int)r;
    for (uint64_t left = text - (uint64_t)n - 1; left && r == 0;) {
        size_t len = left < FILL_CHUNK ? (size_t)left : FILL_CHUNK;

        r = push_common(map, AT_FILL, len);
        left -= len;
    }
    return r < 0 ? (int)r : push_bytes(map, "\n", 1);
}

/* The gap before a header of `head` bytes, so that the data behind it is where it has to be.
 * Nothing overflows: push_extent() keeps the size below INT64_MAX. */
static int find_gap(const struct tarmap *map, size_t head, bool first, bool aligned, uint64_t *gap)
{
    uint64_t end = map->size + head;

    if (first) {
        if (end > TARMAP_FIRST || TARMAP_FIRST - end == BLOCK)
            return -EFBIG;
        *gap = TARMAP_FIRST - end;
        return 0;
    }
    *gap = aligned ? (TARMAP_ALIGN - end % TARMAP_ALIGN) % TARMAP_ALIGN : 0;
    if (*gap == BLOCK)
        *gap += TARMAP_ALIGN;
    return 0;
}

static int push_member(struct tarmap *map, const char *dir, int64_t mtime,
                       const struct tarmap_member *m, int index, bool first)
{
    CLEANUP_FREE char *path = NULL;
    unsigned char head[TARHEAD_MAX];
    uint64_t gap;
    int r;

    if (!names_valid_file(m->name))
        return -EINVAL;
    if (m->size > INT64_MAX)
        return -EOVERFLOW;
    if (asprintf(&path, "%s/%s", dir, m->name) < 0) {
        path = NULL;
        return -ENOMEM;
    }

    long len = tarhead_file(path, m->size, mtime, head);

    if (len < 0)
        return (int)len;
    if ((r = find_gap(map, (size_t)len, first, m->aligned, &gap)) < 0 ||
        (r = push_filler(map, gap)) < 0 || (r = push_bytes(map, head, (size_t)len)) < 0 ||
        (r = push_extent(map, (struct tarmap_extent){.len = m->size, .member = index})) < 0)
        return r;
    return push_common(map, AT_ZEROS, (BLOCK - m->size % BLOCK) % BLOCK);
}

/* Whose data begins at TARMAP_FIRST: the first dump, or what follows config.ini. */
static size_t first_member(const struct tarmap_member *members, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (members[i].aligned)
            return i;
    return 1;
}

int tarmap_build(const char *dir, int64_t mtime, const struct tarmap_member *members, size_t n,
                 struct tarmap **ret)
{
    size_t first = first_member(members, n);
    struct tarmap *map;

    if (!names_valid_file(dir) || n > MEMBERS_MAX)
        return -EINVAL;
    map = calloc(1, sizeof *map);
    if (!map)
        return -ENOMEM;

    int r = push_common_bytes(map);

    for (size_t i = 0; r == 0 && i < n; i++)
        r = push_member(map, dir, mtime, &members[i], (int)i, i == first);
    if (r == 0)
        r = push_common(map, AT_ZEROS, TARMAP_END);
    if (r < 0) {
        tarmap_free(map);
        return r;
    }
    *ret = map;
    return 0;
}

void tarmap_free(struct tarmap *map)
{
    if (!map)
        return;
    free(map->extents);
    free(map->bytes);
    free(map);
}

int tarmap_size(const char *dir, const struct tarmap_member *members, size_t n, uint64_t *ret)
{
    struct tarmap *map = NULL;
    int r = tarmap_build(dir, 0, members, n, &map);

    if (r < 0)
        return r;
    *ret = map->size;
    tarmap_free(map);
    return 0;
}

size_t tarmap_find(const struct tarmap *map, uint64_t offset)
{
    size_t lo = 0, hi = map->n;

    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;

        if (map->extents[mid].start <= offset)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

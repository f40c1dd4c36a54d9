/* tarmap_file.h - a map made into a real (sparse) tar file, for independent readers. */
#ifndef TESTS_UNIT_TARMAP_FILE_H
#define TESTS_UNIT_TARMAP_FILE_H

#include "export/tarmap.h"
#include "tests/unit/format_tools.h"

#include <errno.h>

#define MIB (1024ULL * 1024)
#define GIB (1024 * MIB)

/* Content of a member: a marker at each end and holes between. */
static inline void mark(int fd, uint64_t start, uint64_t size, int member)
{
    char text[16];

    for (int at_end = 0; at_end < 2; at_end++) {
        size_t len = size < 8 ? (size_t)size : 8;

        snprintf(text, sizeof text, "%s%05d", at_end ? "end" : "beg", member);
        assert_int_equal(pwrite(fd, text, len, (off_t)(at_end ? start + size - len : start)), len);
    }
}

static inline struct tarmap *build(const char *dir, const struct tarmap_member *m, size_t n)
{
    struct tarmap *map = NULL;
    int r = tarmap_build(dir, 1700000000, m, n, &map);

    if (r < 0)
        fail_msg("tarmap_build: %s", strerror(-r));
    return map;
}

static inline void materialise(const struct tarmap *map, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    for (size_t i = 0; i < map->n; i++) {
        const struct tarmap_extent *e = &map->extents[i];

        if (e->member >= 0)
            mark(fd, e->start, e->len, e->member);
        else
            assert_int_equal(pwrite(fd, map->bytes + e->offset, e->len, (off_t)e->start), e->len);
    }
    assert_int_equal(ftruncate(fd, (off_t)map->size), 0);
    close(fd);
}

/* Start of a member's data; 0 when it has none. */
static inline uint64_t data_start(const struct tarmap *map, int member)
{
    for (size_t i = 0; i < map->n; i++)
        if (map->extents[i].member == member)
            return map->extents[i].start;
    return 0;
}

/* What every map must be: gapless, sorted, literal bytes inside, members whole. */
static inline void check_extents(const struct tarmap *map, const struct tarmap_member *m, size_t n)
{
    uint64_t at = 0, seen[64] = {0};

    for (size_t i = 0; i < map->n; i++) {
        const struct tarmap_extent *e = &map->extents[i];

        assert_int_equal(e->start, at);
        assert_true(e->len > 0);
        if (e->member < 0) {
            assert_true(e->offset + e->len <= map->nbytes);
        } else {
            assert_true((size_t)e->member < n);
            assert_int_equal(e->offset, seen[e->member]);
            seen[e->member] += e->len;
        }
        assert_int_equal(tarmap_find(map, e->start), i);
        assert_int_equal(tarmap_find(map, e->start + e->len - 1), i);
        at += e->len;
    }
    assert_int_equal(at, map->size);
    assert_int_equal(at % 512, 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(seen[i], m[i].size);
}

#endif

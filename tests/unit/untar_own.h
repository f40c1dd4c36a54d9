/* untar_own.h - archives as we give them out. */
#ifndef TESTS_UNIT_UNTAR_OWN_H
#define TESTS_UNIT_UNTAR_OWN_H

#include "export/tarmap.h"
#include "tests/unit/untar_help.h"

/* what make_export() makes */
static const char *const two[] = {"config.ini", "disk0.raw", "disk1.raw", SUMS_FILE};

/* exp/ as our own archive "own.tar", its size that of the map. */
static inline void pack(const char *const *names, size_t n)
{
    struct tarmap_member m[MODEL_MAX_DISKS + 2];
    struct tarmap *map = NULL;
    char path[300];

    for (size_t i = 0; i < n; i++) {
        struct stat st;

        snprintf(path, sizeof path, "exp/%s", names[i]);
        assert_int_equal(stat(in_scratch(path), &st), 0);
        m[i] =
            (struct tarmap_member){names[i], (uint64_t)st.st_size,
                                   strcmp(names[i], "config.ini") && strcmp(names[i], SUMS_FILE)};
    }
    assert_int_equal(tarmap_build(INST, 1700000000, m, n, &map), 0);

    FILE *f = fopen(in_scratch("own.tar"), "w");

    assert_non_null(f);
    for (size_t i = 0; i < map->n; i++) {
        const struct tarmap_extent *e = &map->extents[i];
        char *text = NULL;

        if (e->member >= 0) {
            snprintf(path, sizeof path, "exp/%s", names[e->member]);
            text = read_file(in_scratch(path), NULL);
        }
        assert_int_equal(
            fwrite(text ? text + e->offset : (char *)map->bytes + e->offset, 1, e->len, f), e->len);
        free(text);
    }
    assert_int_equal(fclose(f), 0);
    tarmap_free(map);
}

#endif

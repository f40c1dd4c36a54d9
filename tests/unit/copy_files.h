/* copy_files.h - sources with holes, and a copy checked by independent tools. */
#ifndef TESTS_UNIT_COPY_FILES_H
#define TESTS_UNIT_COPY_FILES_H

#include "export/copy.h"
#include "tests/unit/format_tools.h"

#include <errno.h>

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

struct range {
    uint64_t at, len;
};

/* A file of `size` bytes with text in the ranges (ended by len 0) and holes elsewhere. */
static inline int make_source(const char *name, uint64_t size, const struct range *data)
{
    int fd = open(in_scratch(name), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    for (; data && data->len; data++)
        for (uint64_t p = data->at; p < data->at + data->len; p += 4096) {
            char block[4096];
            uint64_t left = data->at + data->len - p, n = left < 4096 ? left : 4096;

            memset(block, 'a' + (int)(p / 4096 % 26), sizeof block);
            assert_int_equal(pwrite(fd, block, n, (off_t)p), n);
        }
    assert_int_equal(fsync(fd), 0);
    return fd;
}

static inline int make_empty(const char *name)
{
    int fd = open(in_scratch(name), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    return fd;
}

static inline uint64_t blocks_of(int fd)
{
    struct stat st;

    assert_int_equal(fsync(fd), 0);
    assert_int_equal(fstat(fd, &st), 0);
    return (uint64_t)st.st_blocks;
}

static inline int hash_of(int fd, uint64_t bytes, XXH128_canonical_t *digest, struct err *err)
{
    const struct copy_job job = {.src = fd, .dst = -1, .bytes = bytes};

    return copy_run(&job, digest, err);
}

static inline void hex(const XXH128_canonical_t *digest, char text[33])
{
    for (size_t i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned)digest->digest[i]);
}

/* "src" was copied to "dst": equal to the byte, and xxhsum computes the same. */
static inline void check_copy(const XXH128_canonical_t *digest)
{
    char text[33];

    hex(digest, text);
    run_silently("cmp src dst");
    run_silently("xxhsum -q -H128 dst | grep -q '^ *%s  dst$'", text);
}

#endif

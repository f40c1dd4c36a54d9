/* gfile_help.h - a big file with contents that are a function of the offset, and reads of it. */
#ifndef TESTS_GANETI_GFILE_HELP_H
#define TESTS_GANETI_GFILE_HELP_H

#include "export/ganeti/gfile.h"

#include "tests/unit/ganeti/gnode_help.h"

#define MIB (1024u * 1024)

static inline uint64_t word_at(uint64_t n)
{
    return (n + 1) * 0x9e3779b97f4a7c15ULL ^ n << 40;
}

/* Bytes [off, off + len) of the file. */
static inline void fill(unsigned char *p, size_t len, uint64_t off)
{
    for (size_t i = 0; i < len; i++)
        p[i] = (unsigned char)(word_at((off + i) / 8) >> ((off + i) % 8 * 8));
}

static inline void make_file(const char *file, uint64_t size)
{
    CLEANUP_FREE unsigned char *p = malloc(MIB);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_non_null(p);
    assert_true(fd >= 0);
    for (uint64_t off = 0; off < size; off += MIB) {
        size_t n = size - off < MIB ? (size_t)(size - off) : MIB;

        fill(p, n, off);
        assert_int_equal(write(fd, p, n), n);
    }
    close(fd);
}

static inline XXH128_hash_t hash_of(uint64_t size)
{
    CLEANUP_FREE unsigned char *p = malloc(MIB);
    XXH3_state_t *state = XXH3_createState();
    XXH128_hash_t hash;

    assert_non_null(p);
    assert_non_null(state);
    XXH3_128bits_reset(state);
    for (uint64_t off = 0; off < size; off += MIB) {
        size_t n = size - off < MIB ? (size_t)(size - off) : MIB;

        fill(p, n, off);
        XXH3_128bits_update(state, p, n);
    }
    hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

/* Reads and compares: 0, -errno, or 1 when the bytes are wrong.  For threads: asserts nothing. */
static inline int read_and_compare(struct node_file *f, size_t len, uint64_t off)
{
    CLEANUP_FREE unsigned char *got = malloc(len), *want = malloc(len);
    int r = got && want ? f->ops->read(f, got, len, off) : -ENOMEM;

    if (r < 0)
        return r;
    fill(want, len, off);
    return memcmp(got, want, len) != 0;
}

static inline void assert_hash(struct node_file *f, uint64_t size)
{
    XXH128_hash_t got, want = hash_of(size);
    uint64_t pos;

    assert_true(gfile_hash(f, &pos, &got));
    assert_int_equal(pos, size);
    assert_true(XXH128_isEqual(got, want));
}

#endif

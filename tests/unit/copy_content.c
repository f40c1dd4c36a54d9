/* Whatever the size and wherever the holes: the copy is equal, its hash right, its holes at least
 * the source's. */
#include "tests/unit/copy_files.h"

#include <time.h>

static void copy_and_check(int src, uint64_t size)
{
    struct copy_job job = {.src = src, .dst = make_empty("dst"), .bytes = size};
    XXH128_canonical_t digest, again;
    struct err err;

    if (copy_run(&job, &digest, &err) < 0)
        fail_msg("%s", err.text);
    check_copy(&digest);
    assert_int_equal(hash_of(job.dst, size, &again, &err), 0);
    assert_memory_equal(&again, &digest, sizeof digest);
    assert_true(blocks_of(job.dst) <= blocks_of(src));
    close(job.dst);
}

static void test_dense_sizes(void **state)
{
    static const uint64_t sizes[] = {0,    1,       511, 4095,    4096,
                                     4097, MIB - 1, MIB, MIB + 1, 3 * MIB + 5};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct range data[] = {{0, sizes[i]}, {0, 0}};
        int src = make_source("src", sizes[i], data);

        copy_and_check(src, sizes[i]);
        close(src);
    }
}

static void test_holes(void **state)
{
    static const struct {
        uint64_t size;
        struct range data[4];
    } table[] = {
        {MIB, {{0, 0}}},                                     /* one hole */
        {1, {{0, 0}}},                                       /* a hole of one byte */
        {8 * MIB, {{4 * MIB, 4 * MIB}}},                     /* at the start */
        {8 * MIB, {{0, 64 * KIB}, {5 * MIB, 3 * MIB}}},      /* in the middle */
        {8 * MIB + 100, {{0, 64 * KIB}}},                    /* at the end */
        {8 * MIB + 100, {{64 * KIB, 4096}, {8 * MIB, 100}}}, /* last partial block: data */
        {8 * MIB + 100, {{64 * KIB, 4096}}},                 /* last partial block: hole */
        {5 * MIB, {{4096, 4096}, {12288, 4096}, {5 * MIB - 4096, 4096}}}, /* small ones */
        {200 * MIB, {{96 * MIB - 4096, 8192}, {199 * MIB, 10}}},          /* over several windows */
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int src = make_source("src", table[i].size, table[i].data);

        copy_and_check(src, table[i].size);
        close(src);
    }
}

/* Islands anywhere, of any length, in files of any length. */
static void test_random_layouts(void **state)
{
    unsigned seed = 9;

    (void)state;
    for (int i = 0; i < 40; i++) {
        uint64_t size = 1 + (uint64_t)rand_r(&seed) % (6 * MIB);
        struct range data[9] = {{0, 0}};

        for (int n = 0; n < rand_r(&seed) % 9; n++) {
            data[n].at = (uint64_t)rand_r(&seed) % size;
            data[n].len = 1 + (uint64_t)rand_r(&seed) % (size - data[n].at);
            if (n % 2 && data[n].len > 3000)
                data[n].len = 3000;
        }

        int src = make_source("src", size, data);

        copy_and_check(src, size);
        close(src);
    }
}

static void test_zeros_become_holes(void **state)
{
    int src = make_empty("src");
    char *zero = calloc(1, MIB);

    (void)state;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(pwrite(src, zero, MIB, i * (off_t)MIB), MIB);
        assert_int_equal(pwrite(src, "x", 1, i * (off_t)MIB + 300000), 1);
    }
    free(zero);
    copy_and_check(src, 8 * MIB);
    assert_true(blocks_of(src) >= 8 * MIB / 512);

    int dst = open(in_scratch("dst"), O_RDWR);

    /* eight blocks of data; generous for the file system's own */
    assert_true(blocks_of(dst) <= 1024);
    close(dst);
    close(src);
}

/* More than asked for is not read. */
static void test_longer_source(void **state)
{
    const struct range data[] = {{0, MIB}, {0, 0}};
    int src = make_source("src", MIB, data);
    struct copy_job job = {.src = src, .dst = make_empty("dst"), .bytes = 5000};
    XXH128_canonical_t digest;
    struct err err;

    (void)state;
    assert_int_equal(copy_run(&job, &digest, &err), 0);
    assert_int_equal(truncate(in_scratch("src"), 5000), 0);
    check_copy(&digest);
    close(job.dst);
    close(src);
}

/* 9 GiB of nothing with three islands. */
static void test_big_sparse(void **state)
{
    const struct range data[] = {{0, 4096}, {4 * GIB + 123, 9000}, {9 * GIB - 1, 1}, {0, 0}};
    int src = make_source("src", 9 * GIB, data);
    struct copy_job job = {.src = src, .dst = make_empty("dst"), .bytes = 9 * GIB};
    XXH128_canonical_t digest;
    struct err err;
    char got[4096], want[4096];

    (void)state;
    assert_int_equal(copy_run(&job, &digest, &err), 0);
    assert_true(blocks_of(job.dst) <= blocks_of(src));
    for (const struct range *r = data; r->len; r++) {
        size_t n = r->len < 4096 ? r->len : 4096;

        assert_int_equal(pread(src, want, n, (off_t)r->at), n);
        assert_int_equal(pread(job.dst, got, n, (off_t)r->at), n);
        assert_memory_equal(got, want, n);
    }
    assert_int_equal(lseek(job.dst, 0, SEEK_END), 9 * GIB);
    close(job.dst);
    close(src);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense_sizes),        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_zeros_become_holes), cmocka_unit_test(test_random_layouts),
        cmocka_unit_test(test_longer_source),      cmocka_unit_test(test_big_sparse),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

/* Where things lie in the tar: a pure function of names and sizes. */
#include "tests/unit/tarmap_file.h"

#include <locale.h>

static const uint64_t sizes[] = {
    0,     1,       511,       512,         513,     3584,    4095,
    4096,  4097,    MIB + 1,   8 * GIB - 1, 8 * GIB, 9 * GIB, 64 * GIB + 512,
    99999, 4 * GIB, 1ULL << 40};
#define NSIZES (sizeof sizes / sizeof *sizes)

static void test_alignment(void **state)
{
    (void)state;
    for (size_t a = 0; a < NSIZES; a++) {
        for (size_t b = 0; b < NSIZES; b++) {
            struct tarmap_member m[] = {{"config.ini", 4096, 0},
                                        {"disk0.raw", sizes[a], 1},
                                        {"disk1.raw", sizes[b], 1},
                                        {"disk2.raw", 5, 1},
                                        {"XXH128SUMS", 100, 0}};
            struct tarmap *map = build("inst1.example.com", m, 5);
            uint64_t size;

            check_extents(map, m, 5);
            if (sizes[a])
                assert_int_equal(data_start(map, 1), TARMAP_FIRST);
            assert_int_equal(data_start(map, 2) % TARMAP_ALIGN, 0);
            assert_int_equal(data_start(map, 3) % TARMAP_ALIGN, 0);
            assert_int_equal(tarmap_size("inst1.example.com", m, 5, &size), 0);
            assert_int_equal(size, map->size);
            assert_true(map->nbytes < 16 * 1024);
            tarmap_free(map);
        }
    }
}

/* The room before the first dump takes any config.ini that may be, and its size moves nothing. */
static void test_config_sizes(void **state)
{
    struct tarmap_member m[] = {{"config.ini", 0, 0}, {"disk0.raw", 4096, 1}, {"XXH128SUMS", 9, 0}};
    uint64_t size = 0;

    (void)state;
    for (uint64_t c = 1; c <= 96 * 1024; c += 511) {
        m[0].size = c;

        struct tarmap *map = build("i", m, 3);

        assert_int_equal(data_start(map, 0), 512);
        assert_int_equal(data_start(map, 1), TARMAP_FIRST);
        assert_true(size == 0 || size == map->size);
        size = map->size;
        tarmap_free(map);
    }
}

static void test_no_dumps(void **state)
{
    struct tarmap_member m[] = {{"config.ini", 4096, 0}, {"XXH128SUMS", 45, 0}};
    struct tarmap *map = build("i", m, 2);

    (void)state;
    assert_int_equal(data_start(map, 1), TARMAP_FIRST);
    tarmap_free(map);
    map = build("i", m, 1);
    assert_int_equal(map->size, 512 + 4096 + 1024);
    tarmap_free(map);
}

static void test_same_input_same_bytes(void **state)
{
    struct tarmap_member m[] = {
        {"config.ini", 4096, 0}, {"disk0.raw", 9 * GIB, 1}, {"XXH128SUMS", 45, 0}};
    struct tarmap *a = build("i", m, 3);

    (void)state;
    setenv("TZ", "America/New_York", 1);

    struct tarmap *b = build("i", m, 3), *late = NULL;

    assert_int_equal(a->nbytes, b->nbytes);
    assert_memory_equal(a->bytes, b->bytes, a->nbytes);
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->extents, b->extents, a->n * sizeof *a->extents);

    /* the time, whatever it is, never changes the size */
    static const int64_t times[] = {INT64_MIN, -1,         0,         INT32_MAX,
                                    1LL << 31, 4000000000, 1LL << 33, INT64_MAX};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_int_equal(tarmap_build("i", times[i], m, 3, &late), 0);
        assert_int_equal(late->size, a->size);
        assert_int_equal(late->n, a->n);
        tarmap_free(late);
    }
    tarmap_free(a);
    tarmap_free(b);
}

static void test_same_bytes_in_any_locale(void **state)
{
    struct tarmap_member m[] = {{"config.ini", 4096, 0}, {"pl\xc3\xa4tte", 5, 1}};
    struct tarmap *a, *b;

    (void)state;
    assert_non_null(setlocale(LC_ALL, "C"));
    a = build("i", m, 2);
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    b = build("i", m, 2);
    assert_int_equal(a->nbytes, b->nbytes);
    assert_memory_equal(a->bytes, b->bytes, a->nbytes);
    tarmap_free(a);
    tarmap_free(b);
}

static void test_refused(void **state)
{
    struct tarmap *map = NULL;
    struct tarmap_member ok = {"config.ini", 1, 0};
    static const char *const bad[] = {"", ".", "..", "a/b", "/", "a\nb"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tarmap_member m = {bad[i], 1, 0};

        assert_int_equal(tarmap_build("i", 0, &m, 1, &map), -EINVAL);
        assert_int_equal(tarmap_build(bad[i], 0, &ok, 1, &map), -EINVAL);
    }

    struct tarmap_member big[] = {{"config.ini", 130 * 1024, 0}, {"disk0.raw", 1, 1}};

    assert_int_equal(tarmap_build("i", 0, big, 2, &map), -EFBIG);

    struct tarmap_member huge[] = {{"config.ini", 1, 0},
                                   {"disk0.raw", INT64_MAX - 4096, 1},
                                   {"disk1.raw", INT64_MAX - 4096, 1}};

    assert_int_equal(tarmap_build("i", 0, huge, 3, &map), -EOVERFLOW);
    huge[1].size = UINT64_MAX;
    assert_int_equal(tarmap_build("i", 0, huge, 2, &map), -EOVERFLOW);
    assert_null(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_config_sizes),
        cmocka_unit_test(test_no_dumps),
        cmocka_unit_test(test_same_input_same_bytes),
        cmocka_unit_test(test_same_bytes_in_any_locale),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

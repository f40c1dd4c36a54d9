/* The archives that we give out come back as they were: any number and size of dumps, compressed or
 * not; and where a dump lies in the file is known, for it to be cloned. */
#include "tests/unit/untar_own.h"

static void test_dumps_are_found_in_the_file(void **state)
{
    (void)state;
    make_export();
    pack(two, 4);
    gives_the_export("own.tar");

    struct manifest *m = accepted("own.tar");

    assert_int_equal(m->n, 2);
    assert_true(m->has_sums);
    assert_true(m->dumps[0].file.plain);
    assert_int_equal(m->dumps[0].file.offset, TARMAP_FIRST);
    assert_int_equal(m->dumps[0].file.size, 2097157);
    assert_true(m->dumps[1].file.plain);
    assert_int_equal(m->dumps[1].file.offset % TARMAP_ALIGN, 0);
    assert_string_equal(m->dumps[1].file.name, "disk1.raw");
    manifest_free(m);
}

static void test_compressed(void **state)
{
    static const char *const tools[] = {"gzip", "zstd -q", "xz -1"};

    (void)state;
    make_export();
    pack(two, 4);
    for (size_t i = 0; i < 3; i++) {
        free(run_tool("%s < own.tar > t", tools[i]));
        gives_the_export("t");

        struct manifest *m = accepted("t");

        assert_false(m->dumps[0].file.plain);
        manifest_free(m);
    }
}

/* Foreign exports have none, and are given out without. */
static void test_without_checksums(void **state)
{
    (void)state;
    make_export();
    pack(two, 3);
    gives_the_export("own.tar");
}

static void test_diskless(void **state)
{
    static const char *const none[] = {"config.ini", SUMS_FILE};

    (void)state;
    make_export();
    put_file("exp/config.ini", HEAD "disk_count = 0\n");
    free(run_tool("cd exp && rm disk* && xxhsum -q -H128 config.ini > XXH128SUMS"));
    pack(none, 2);
    gives_the_export("own.tar");
    pack(none, 1);
    gives_the_export("own.tar");
}

static void test_sizes_around_blocks(void **state)
{
    static const unsigned sizes[] = {0, 1, 511, 512, 513, 4095, 4096, 4097, 70000};

    (void)state;
    make_export();
    for (size_t i = 0; i < 9; i++) {
        free(run_tool(
            "cd exp && seq 90000 | head -c %u > disk0.raw && seq 90000 | tail -c %u > disk1.raw && "
            "xxhsum -q -H128 config.ini disk0.raw disk1.raw > ../s && mv ../s XXH128SUMS",
            sizes[i], sizes[(i + 4) % 9]));
        pack(two, 4);
        gives_the_export("own.tar");
    }
}

/* The file got its length first, and the bytes behind disk1.raw never came. */
static void test_zeros_instead_of_the_end(void **state)
{
    (void)state;
    make_export();
    pack(two, 4);
    for (size_t cut = 0; cut <= 8; cut++) {
        free(run_tool("s=$(stat -c %%s own.tar) && cp own.tar t && truncate -s $((s - 1024 - 1024 "
                      "- 512 * %zu)) t && "
                      "truncate -s $s t",
                      cut));
        refused("t", -EBADMSG, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dumps_are_found_in_the_file),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_without_checksums),
        cmocka_unit_test(test_diskless),
        cmocka_unit_test(test_sizes_around_blocks),
        cmocka_unit_test(test_zeros_instead_of_the_end),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

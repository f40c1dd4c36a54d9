/* ini_read_file(): regular files only, never through a symlink, errors name the path. */
#include "tests/unit/ini_python.h"

static int read_it(const char *name, struct err *err)
{
    struct ini *ini = NULL;
    int r = ini_read_file(AT_FDCWD, in_scratch(name), &ini, err);

    if (r < 0)
        assert_null(ini);
    ini_free(ini);
    return r;
}

static void test_kinds(void **state)
{
    struct err err = {0};

    (void)state;
    write_file(in_scratch("good"), "[s]\nk = v\n", 10);
    assert_int_equal(read_it("good", &err), 0);
    assert_int_equal(symlink("good", in_scratch("link")), 0);
    assert_int_equal(read_it("link", &err), -ELOOP);
    assert_non_null(strstr(err.text, "link"));
    assert_int_equal(mkfifo(in_scratch("fifo"), 0600), 0);
    assert_int_equal(read_it("fifo", &err), -EINVAL);
    assert_int_equal(mkdir(in_scratch("dir"), 0700), 0);
    assert_int_equal(read_it("dir", &err), -EINVAL);
    assert_int_equal(read_it("absent", &err), -ENOENT);
    assert_int_equal(err.errnum, ENOENT);
    write_file(in_scratch("bad"), "[s]\nk\n", 6);
    assert_int_equal(read_it("bad", &err), -EINVAL);
    assert_non_null(strstr(err.text, "bad: line 2: "));
}

static void test_too_large(void **state)
{
    struct err err = {0};

    (void)state;
    write_file(in_scratch("big"), "#", 1);
    assert_int_equal(truncate(in_scratch("big"), INI_MAX_BYTES + 1), 0);
    assert_int_equal(read_it("big", &err), -EFBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds),
                                       cmocka_unit_test(test_too_large)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

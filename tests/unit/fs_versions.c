/* The time of a thing stands still while its content does, and never goes back. */
#include "fs/versions.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct versions *v;

static int setup(void **state)
{
    (void)state;
    return versions_new(&v);
}

static int teardown(void **state)
{
    (void)state;
    versions_free(v);
    return 0;
}

static void stands_still(void **state)
{
    (void)state;
    assert_int_equal(versions_stamp(v, 10, 1, 100, 500, 0), 100);
    assert_int_equal(versions_stamp(v, 10, 1, 300, 900, 0), 100);
}

static void moves_with_the_content(void **state)
{
    (void)state;
    versions_stamp(v, 10, 1, 100, 500, 0);
    assert_int_equal(versions_stamp(v, 10, 2, 100, 500, 0), 500);
    assert_int_equal(versions_stamp(v, 10, 3, 100, 500, 0), 501); /* within one second */
    assert_int_equal(versions_stamp(v, 10, 1, 100, 400, 0), 502); /* the clock was set back */
}

static void is_never_less_than_asked(void **state)
{
    (void)state;
    assert_int_equal(versions_stamp(v, 10, 1, 100, 500, 200), 200);
    assert_int_equal(versions_stamp(v, 10, 1, 100, 500, 0), 200);
    assert_int_equal(versions_stamp(v, 10, 1, 100, 500, 600), 600);
}

static void things_are_apart(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 5000; n++) /* all in one bucket of a small table */
        assert_int_equal(versions_stamp(v, n << 20, n, (int64_t)n, 9, 0), n);
    for (uint64_t n = 1; n <= 5000; n++)
        assert_int_equal(versions_stamp(v, n << 20, n, 0, 9, 0), n);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(stands_still),
        T(moves_with_the_content),
        T(is_never_less_than_asked),
        T(things_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

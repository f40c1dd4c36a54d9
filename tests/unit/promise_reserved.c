/* promise_reserved.c - a T that is taken beside what is promised: later than all before it, and
 * nothing that is promised later is at or before it. */
#include "export/promise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "tests/unit/temp_dir.h"

#define NEVER INT64_MAX

static void later_than_what_stands_promised(void **state)
{
    int64_t t = promise_make(dir, "web0", 0, 0, NEVER), r = promise_reserve(dir, "web0", 0, 0);

    (void)state;
    assert_true(r > t);
    /* which goes on standing until r is published, */
    assert_int_equal(promise_make(dir, "web0", 0, 0, NEVER), t);
    /* and not longer */
    assert_true(promise_make(dir, "web0", 0, r, NEVER) > r);
}

static void than_what_is_there_or_was_given_up(void **state)
{
    int64_t far = time(NULL) + 5000;

    (void)state;
    assert_int_equal(promise_reserve(dir, "web1", far, far + 7), far + 8);
    promise_retire(dir, "web1", far + 20);
    assert_int_equal(promise_reserve(dir, "web1", 0, 0), far + 21);
}

static void than_another_that_was_reserved(void **state)
{
    int64_t r = promise_reserve(dir, "web2", 0, 0);

    (void)state;
    assert_true(promise_reserve(dir, "web2", 0, 0) > r);
}

/* A run may have died between reserving and publishing, or be about to publish. */
static void what_is_promised_later_is_later(void **state)
{
    int64_t far = time(NULL) + 5000, r = promise_reserve(dir, "web3", 0, far);

    (void)state;
    assert_int_equal(promise_make(dir, "web3", 0, far, NEVER), r + 1);
}

static void a_clock_that_ran_wild_is_forgotten(void **state)
{
    int64_t now = time(NULL), r;

    (void)state;
    promise_reserve(dir, "web4", 0, now + 10 * 86400);
    r = promise_reserve(dir, "web4", 0, 0);
    assert_true(r < now + 86400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_than_what_stands_promised),
        cmocka_unit_test(than_what_is_there_or_was_given_up),
        cmocka_unit_test(than_another_that_was_reserved),
        cmocka_unit_test(what_is_promised_later_is_later),
        cmocka_unit_test(a_clock_that_ran_wild_is_forgotten),
    };

    return cmocka_run_group_tests(tests, temp_dir_make, temp_dir_remove);
}

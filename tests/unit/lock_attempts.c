/* The timeouts of spec §2.7 for v3, to the last one. */
#include "lock/attempts.h"
#include "lock_test.h"

static void list_is_the_spec_s(void **state)
{
    static const int64_t first[] = {5000, 7947, 14180, 29249, 72310};
    struct lock_attempts a;
    int64_t sum = 0;

    (void)state;
    lock_attempts_init(&a, 0);
    for (int i = 0; i < 28; i++) {
        int64_t t;

        assert_false(lock_attempts_exhausted(&a));
        t = lock_attempts_next(&a);
        /* the spec rounds to 10 ms */
        assert_in_range(t - (i < 5 ? first[i] : 75000) + 10, 0, 20);
        sum += t;
    }
    assert_in_range(sum, 1850000, 1857000);
    assert_true(lock_attempts_exhausted(&a));
    assert_int_equal(lock_attempts_next(&a), LOCK_FOREVER);
    assert_int_equal(lock_attempts_next(&a), LOCK_FOREVER);
}

static void variation_is_within_five_percent_and_differs(void **state)
{
    int below = 0, above = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct lock_attempts exact, varied;

        lock_attempts_init(&exact, 0);
        lock_attempts_init(&varied, seed);
        for (int i = 0; i < 28; i++) {
            int64_t t = lock_attempts_next(&exact), v = lock_attempts_next(&varied);

            assert_true(v >= t * 95 / 100 - 1 && v <= t * 105 / 100 + 1);
            below += v < t;
            above += v > t;
        }
        assert_true(lock_attempts_exhausted(&varied));
    }
    assert_in_range(below, 150, 410);
    assert_in_range(above, 150, 410);
}

static void init_starts_a_new_list(void **state)
{
    struct lock_attempts a;

    (void)state;
    lock_attempts_init(&a, 0);
    while (lock_attempts_next(&a) != LOCK_FOREVER)
        ;
    lock_attempts_init(&a, 0);
    assert_int_equal(lock_attempts_next(&a), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_is_the_spec_s),
        cmocka_unit_test(variation_is_within_five_percent_and_differs),
        cmocka_unit_test(init_starts_a_new_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The arithmetic of the throttle, with a clock of the test's own. */
#include "export/throttle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define MIB    (UINT64_C(1) << 20)

/* Takes n chunks, each as soon as it may; returns when the last may begin. */
static int64_t drain(struct bucket *b, unsigned n, uint64_t chunk, int64_t now)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t place = bucket_take(b, chunk, now);
        int64_t wait;

        while ((wait = bucket_wait(b, place, now)) > 0)
            now += wait;
    }
    return now;
}

static void never_quicker_than_the_rate(void **state)
{
    static const uint64_t rates[] = {1, 999, 4096, 3 * MIB + 17, 100 * MIB, 40 * 1024 * MIB};

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct bucket b;
        uint64_t bytes = 99 * MIB;
        int64_t took;
        double least = (double)bytes / (double)rates[i] * 1e9;

        bucket_begin(&b, rates[i], 5);
        took = drain(&b, 100, MIB, 5) - 5;
        /* the first goes at once, so 99 are paid for, and nothing was saved up */
        assert_true((double)took >= least * 0.999999);
        assert_true((double)took <= least * 1.0001 + 200);
    }
}

static void no_limit_no_wait(void **state)
{
    struct bucket b;

    (void)state;
    bucket_begin(&b, 0, 0);
    assert_int_equal(drain(&b, 1000, UINT64_C(1) << 40, 0), 0);
}

static void what_is_saved_up_is_small(void **state)
{
    struct bucket b;
    int64_t day = 86400 * SECOND;
    uint64_t place;

    (void)state;
    bucket_begin(&b, 20 * MIB, 0);
    /* idle for a day: a twentieth of a second's worth, that is one MiB, beside the first chunk */
    assert_int_equal(drain(&b, 2, MIB, day), day);
    place = bucket_take(&b, MIB, day);
    assert_int_equal(bucket_wait(&b, place, day), SECOND / 20);
}

static void a_new_rate_counts_for_who_waits(void **state)
{
    struct bucket b;
    uint64_t place;

    (void)state;
    bucket_begin(&b, MIB, 0);
    bucket_take(&b, 10 * MIB, 0);
    place = bucket_take(&b, MIB, 0);
    assert_int_equal(bucket_wait(&b, place, 0), 10 * SECOND);
    assert_int_equal(bucket_wait(&b, place, 4 * SECOND), 6 * SECOND);
    bucket_set(&b, 2 * MIB, 4 * SECOND);
    assert_int_equal(bucket_wait(&b, place, 4 * SECOND), 3 * SECOND);
    bucket_set(&b, MIB / 2, 5 * SECOND);
    assert_int_equal(bucket_wait(&b, place, 5 * SECOND), 8 * SECOND);
    bucket_set(&b, 0, 5 * SECOND);
    assert_int_equal(bucket_wait(&b, place, 5 * SECOND), 0);
}

/* What was copied without one is not owed, nor saved up. */
static void a_limit_begins_when_it_is_set(void **state)
{
    struct bucket b;
    uint64_t place;

    (void)state;
    bucket_begin(&b, 0, 0);
    bucket_take(&b, UINT64_C(1) << 50, SECOND);
    bucket_set(&b, MIB, SECOND);
    place = bucket_take(&b, MIB, SECOND);
    assert_int_equal(bucket_wait(&b, place, SECOND), 0);
    place = bucket_take(&b, MIB, SECOND);
    assert_int_equal(bucket_wait(&b, place, SECOND), SECOND);
}

static void first_come_first_served(void **state)
{
    struct bucket b;
    uint64_t one, two, three;

    (void)state;
    bucket_begin(&b, MIB, 0);
    one = bucket_take(&b, MIB, 0);
    two = bucket_take(&b, MIB, 0);
    three = bucket_take(&b, MIB, 0);
    assert_int_equal(bucket_wait(&b, three, 0), 2 * SECOND);
    assert_int_equal(bucket_wait(&b, two, 0), SECOND);
    assert_int_equal(bucket_wait(&b, one, 0), 0);
    /* who comes again stands behind */
    one = bucket_take(&b, MIB, SECOND);
    assert_int_equal(bucket_wait(&b, one, SECOND), 2 * SECOND);
}

static void odd_moments_lose_nothing(void **state)
{
    struct bucket b;
    uint64_t place;
    int64_t now = 0;

    (void)state;
    bucket_begin(&b, 3, 0);
    bucket_take(&b, 300, 0);
    place = bucket_take(&b, 1, 0);
    /* asked a thousand times for each byte */
    for (now = 0; bucket_wait(&b, place, now) > 0; now += SECOND / 3001)
        ;
    assert_true(now >= 100 * SECOND - 1);
    assert_true(now <= 100 * SECOND + SECOND / 10);
}

static void a_clock_that_stands_or_is_late(void **state)
{
    struct bucket b;
    uint64_t place;

    (void)state;
    bucket_begin(&b, MIB, 10 * SECOND);
    bucket_take(&b, MIB, 10 * SECOND);
    place = bucket_take(&b, MIB, 9 * SECOND); /* read before another thread's */
    assert_int_equal(bucket_wait(&b, place, 10 * SECOND), SECOND);
    bucket_set(&b, 0, 8 * SECOND);
    assert_int_equal(bucket_wait(&b, place, 8 * SECOND), 0);
}

static void large_numbers(void **state)
{
    struct bucket b;
    uint64_t place;

    (void)state;
    bucket_begin(&b, INT64_MAX, 0);
    assert_int_equal(bucket_wait(&b, bucket_take(&b, MIB, INT64_MAX), INT64_MAX), 0);
    bucket_begin(&b, 1, 0);
    place = bucket_take(&b, UINT64_MAX, 0);
    assert_int_equal(bucket_wait(&b, place, 0), 0);
    place = bucket_take(&b, UINT64_MAX, 0);
    assert_int_equal(bucket_wait(&b, place, 0), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_quicker_than_the_rate),
        cmocka_unit_test(no_limit_no_wait),
        cmocka_unit_test(what_is_saved_up_is_small),
        cmocka_unit_test(a_new_rate_counts_for_who_waits),
        cmocka_unit_test(a_limit_begins_when_it_is_set),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(odd_moments_lose_nothing),
        cmocka_unit_test(a_clock_that_stands_or_is_late),
        cmocka_unit_test(large_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How long a request waits, and what it leaves when it does not get anything. */
#include "lock_test.h"

static void zero_does_not_wait(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

static void waits_at_least_as_long_as_told(void **state)
{
    static const int timeouts[] = {1, 30, 120};
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    for (size_t i = 0; i < ITEM_COUNT(timeouts); i++) {
        int64_t start = clock_ms(), took;

        assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, timeouts[i], NAMES("x")), -ETIMEDOUT);
        took = clock_ms() - start;
        assert_in_range(took, timeouts[i], PATIENCE_MS);
        assert_false(lock_owns(b, LOCK_NODE, "x", LOCK_SHARED));
    }
    lock_owner_free(a);
    lock_owner_free(b);
}

static void granted_as_soon_as_free(void **state)
{
    static const int64_t timeouts[] = {PATIENCE_MS, LOCK_FOREVER, INT64_MAX};
    struct env *e = *state;

    for (size_t i = 0; i < ITEM_COUNT(timeouts); i++) {
        struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");
        struct waiter w = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x"};

        w.timeout_ms = timeouts[i];
        assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
        waiter_start(&w);
        await_waiting(e->m, "b", LOCK_NODE);
        lock_owner_free(a);
        assert_int_equal(waiter_end(&w), 0);
        assert_true(lock_owns(b, LOCK_NODE, "x", LOCK_EXCLUSIVE));
        lock_owner_free(b);
    }
}

static void who_gave_up_is_in_nobodys_way(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 1, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(get(c, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_false(reported(e->m, "b", true, LOCK_NODE));
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(zero_does_not_wait),
        TEST(waits_at_least_as_long_as_told),
        TEST(granted_as_soon_as_free),
        TEST(who_gave_up_is_in_nobodys_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Downgrading lets sharers in at once and keeps the lock. */
#include "lock_test.h"

static void lets_a_waiting_sharer_in(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter w = {.o = b, .rq = {LOCK_INSTANCE, LOCK_SHARED}, .name = "web1"};

    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("web1")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_INSTANCE);
    assert_int_equal(lock_downgrade(a, LOCK_INSTANCE, NULL, 0), 0);
    assert_int_equal(waiter_end(&w), 0);
    assert_true(lock_owns(a, LOCK_INSTANCE, "web1", LOCK_SHARED));
    assert_false(lock_owns(a, LOCK_INSTANCE, "web1", LOCK_EXCLUSIVE));
    assert_int_equal(get(c, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("web1")), -ETIMEDOUT);
    lock_owner_free(b);
    assert_int_equal(get(c, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("web1")), -ETIMEDOUT);
    lock_owner_free(a);
    assert_int_equal(get(c, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("web1")), 0);
    lock_owner_free(c);
}

static void of_the_set(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get_set(a, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NAMES("member")), -ENOENT);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("member")), -ETIMEDOUT);
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NULL, 0), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("member")), 0);
    assert_true(lock_owns(a, LOCK_NODE, "member", LOCK_SHARED));
    lock_owner_free(a);
    lock_owner_free(b);
}

static void of_some_names(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y", "z")), 0);
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NAMES("x", "nobody's")), -ENOENT);
    assert_true(lock_owns(a, LOCK_NODE, "x", LOCK_EXCLUSIVE));
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NAMES("z", "x", "x")), 0);
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NAMES("x")), 0); /* is shared already */
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x", "z")), 0);
    assert_int_equal(lock_release(b, LOCK_NODE), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("y")), -ETIMEDOUT);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("x", "y")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y")), 0);
    assert_true(lock_owns(a, LOCK_NODE, "z", LOCK_SHARED));
    lock_owner_free(a);
    lock_owner_free(b);
}

static void of_nothing(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");

    assert_int_equal(lock_downgrade(a, LOCK_NODE, NULL, 0), -ENOENT);
    assert_int_equal(lock_downgrade(a, LOCK_LEVELS, NULL, 0), -ENOENT);
    lock_owner_free(a);
}

static void of_the_bgl(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = bare_owner(e->m, "a"), *b;

    assert_int_equal(get(a, LOCK_CLUSTER, LOCK_EXCLUSIVE, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_int_equal(lock_downgrade(a, LOCK_CLUSTER, NAMES(LOCK_BGL)), 0);
    b = owner(e->m, "b");
    lock_owner_free(a);
    lock_owner_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lets_a_waiting_sharer_in),
        TEST(of_the_set),
        TEST(of_some_names),
        TEST(of_nothing),
        TEST(of_the_bgl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Releasing a level, some names, everything. */
#include "lock_test.h"

static void some_names(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y", "z")), 0);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("x", "other")), -ENOENT);
    assert_true(lock_owns(a, LOCK_NODE, "x", LOCK_EXCLUSIVE));
    assert_int_equal(lock_release_names(a, LOCK_NODE, NULL, 0), 0);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("x", "z")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("y")), -ETIMEDOUT);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "z")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

static void a_member_of_a_held_set_is_not_held_by_itself(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");

    assert_int_equal(get_set(a, LOCK_NODE, LOCK_SHARED, 0), 0);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("x")), -ENOENT);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_false(lock_owns(a, LOCK_NODE, "x", LOCK_SHARED));
    lock_owner_free(a);
}

static void not_held(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");

    assert_int_equal(lock_release(a, LOCK_NODE), -ENOENT);
    assert_int_equal(lock_release(a, LOCK_LEVELS), -ENOENT);
    assert_int_equal(lock_release_names(a, LOCK_LEVELS, NAMES("x")), -ENOENT);
    lock_owner_free(a);
}

static void everything(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = bare_owner(e->m, "b");

    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("i")), 0);
    assert_int_equal(get_set(a, LOCK_NODE, LOCK_SHARED, 0), 0);
    assert_int_equal(get(a, LOCK_EXPORT, LOCK_EXCLUSIVE, 0, NAMES("i")), 0);
    lock_release_all(a);
    lock_release_all(a);
    assert_int_equal(get(b, LOCK_CLUSTER, LOCK_EXCLUSIVE, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(get(b, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("i")), 0);
    assert_int_equal(get_set(b, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_int_equal(get_set(b, LOCK_EXPORT, LOCK_EXCLUSIVE, 0), 0);
    lock_owner_free(b);
    assert_int_equal(get(a, LOCK_CLUSTER, LOCK_EXCLUSIVE, 0, NAMES(LOCK_BGL)), 0);
    lock_owner_free(a);
}

static void freeing_an_owner_serves_who_waits(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = bare_owner(e->m, "b");
    static const char *const bgl = LOCK_BGL;
    struct waiter w = {.o = b, .rq = {LOCK_CLUSTER, LOCK_EXCLUSIVE}, .name = bgl};

    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("i")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_CLUSTER);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(some_names),
        TEST(a_member_of_a_held_set_is_not_held_by_itself),
        TEST(not_held),
        TEST(everything),
        TEST(freeing_an_owner_serves_who_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

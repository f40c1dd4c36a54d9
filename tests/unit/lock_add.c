/* Names are added to a level and held at once; whoever has the set is waited for, whoever
 * only waits is not (spec §2.2, §2.5). */
#include "lock_test.h"

static void added_names_are_held_exclusively(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(lock_add(a, LOCK_INSTANCE, NAMES("new2", "new1"), 0), 0);
    assert_true(lock_owns(a, LOCK_INSTANCE, "new1", LOCK_EXCLUSIVE));
    assert_int_equal(get(b, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("new2")), -ETIMEDOUT);
    assert_int_equal(lock_release(a, LOCK_INSTANCE), 0);
    assert_int_equal(get(b, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("new2")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

static void order_is_checked(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");

    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("i")), 0);
    assert_int_equal(lock_add(a, LOCK_INSTANCE, NAMES("j"), 0), -EDEADLK); /* part of it */
    assert_int_equal(get_set(a, LOCK_NODE, LOCK_SHARED, 0), 0);
    assert_int_equal(lock_add(a, LOCK_NODE, NAMES("n"), 0), -EDEADLK); /* sharing it */
    lock_owner_free(a);
}

static void held_or_awaited_names_exist(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    static const char *const names[] = {"x", "awaited"};
    struct waiter w = {.o = b, .rq = {LOCK_NODE, LOCK_SHARED, false, names, 2}};

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(lock_add(c, LOCK_NODE, NAMES("x"), LOCK_FOREVER), -EEXIST);
    assert_int_equal(lock_add(c, LOCK_NODE, NAMES("ok", "awaited"), LOCK_FOREVER), -EEXIST);
    assert_false(lock_owns(c, LOCK_NODE, "ok", LOCK_SHARED));
    assert_int_equal(lock_add(c, LOCK_NODE, NAMES("ok"), 0), 0);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void waits_for_whoever_has_the_set(void **state)
{
    struct env *e = *state;

    for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE; mode++) {
        struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");
        static const char *const names[] = {"new"};
        struct waiter w = {.o = b,
                           .rq = {LOCK_NODE, LOCK_EXCLUSIVE, false, names, 1},
                           .adding = true,
                           .timeout_ms = LOCK_FOREVER};

        assert_int_equal(get_set(a, LOCK_NODE, (enum lock_mode)mode, 0), 0);
        assert_int_equal(lock_add(b, LOCK_NODE, NAMES("new"), 10), -ETIMEDOUT);
        waiter_start(&w);
        await_waiting(e->m, "b", LOCK_NODE);
        assert_int_equal(lock_release(a, LOCK_NODE), 0);
        assert_int_equal(waiter_end(&w), 0);
        assert_true(lock_owns(b, LOCK_NODE, "new", LOCK_EXCLUSIVE));
        lock_owner_free(a);
        lock_owner_free(b);
    }
}

static void does_not_wait_for_who_waits(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter w = {.o = b, .rq = {.level = LOCK_NODE, .mode = LOCK_EXCLUSIVE, .all = true}};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(get(c, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("y")), -ETIMEDOUT);
    assert_int_equal(lock_add(c, LOCK_NODE, NAMES("y"), 0), 0);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_true(reported(e->m, "b", true, LOCK_NODE)); /* for y, now */
    assert_int_equal(lock_release(c, LOCK_NODE), 0);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void into_the_own_set(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get_set(a, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_int_equal(lock_add(a, LOCK_NODE, NAMES("n1", "n2"), 0), 0);
    assert_int_equal(lock_add(a, LOCK_NODE, NAMES("n2"), 0), -EEXIST);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("n1")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("n1")), -ETIMEDOUT); /* the set */
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("n1", "n2")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(added_names_are_held_exclusively), TEST(order_is_checked),
        TEST(held_or_awaited_names_exist),      TEST(waits_for_whoever_has_the_set),
        TEST(does_not_wait_for_who_waits),      TEST(into_the_own_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Deleting a name fails those who wait for it, and nobody else (spec §2.4). */
#include "lock_test.h"

static void waiters_for_the_name_fail(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    static const char *const names[] = {"other", "x"};
    struct waiter wb = {.o = b, .rq = {LOCK_NODE, LOCK_SHARED}, .name = "x"};
    struct waiter wc = {.o = c, .rq = {LOCK_NODE, LOCK_EXCLUSIVE, false, names, 2}};

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y")), 0);
    wb.timeout_ms = wc.timeout_ms = LOCK_FOREVER;
    waiter_start(&wb);
    await_waiting(e->m, "b", LOCK_NODE);
    waiter_start(&wc);
    await_waiting(e->m, "c", LOCK_NODE);
    assert_int_equal(lock_delete(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(waiter_end(&wb), -EIDRM);
    assert_int_equal(waiter_end(&wc), -EIDRM);
    assert_false(lock_owns(c, LOCK_NODE, "other", LOCK_SHARED));
    assert_false(lock_owns(a, LOCK_NODE, "x", LOCK_SHARED));
    assert_true(lock_owns(a, LOCK_NODE, "y", LOCK_EXCLUSIVE));
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void other_waiters_go_on(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter wy = {.o = b, .rq = {LOCK_NODE, LOCK_SHARED}, .name = "y"};
    struct waiter wset = {.o = c, .rq = {.level = LOCK_NODE, .mode = LOCK_SHARED, .all = true}};

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y")), 0);
    wy.timeout_ms = wset.timeout_ms = LOCK_FOREVER;
    waiter_start(&wy);
    await_waiting(e->m, "b", LOCK_NODE);
    waiter_start(&wset);
    await_waiting(e->m, "c", LOCK_NODE);
    assert_int_equal(lock_delete(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_int_equal(waiter_end(&wy), 0);
    assert_int_equal(waiter_end(&wset), 0);
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void deleted_names_are_new_names_afterwards(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("y")), 0);
    assert_int_equal(lock_release(b, LOCK_NODE), 0);
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 1, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(lock_delete(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0); /* did not wait */
    lock_owner_free(a);
    lock_owner_free(b);
}

static void only_what_is_held_exclusively(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");

    assert_int_equal(get(a, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("n")), 0);
    assert_int_equal(lock_delete(a, LOCK_INSTANCE, NAMES("x")), -EPERM);
    assert_int_equal(lock_delete(a, LOCK_INSTANCE, NAMES("y")), -ENOENT);
    assert_int_equal(lock_delete(a, LOCK_NODE, NAMES("n", "m")), -ENOENT);
    assert_true(lock_owns(a, LOCK_NODE, "n", LOCK_EXCLUSIVE));
    assert_int_equal(get_set(a, LOCK_EXPORT, LOCK_SHARED, 0), 0);
    assert_int_equal(lock_delete(a, LOCK_EXPORT, NAMES("e")), -EPERM);
    lock_owner_free(a);
}

static void a_member_of_the_own_set(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");
    struct waiter w = {.o = b, .rq = {LOCK_NODE, LOCK_SHARED}, .name = "x"};

    assert_int_equal(get_set(a, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(lock_delete(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(waiter_end(&w), -EIDRM);
    assert_true(lock_owns(a, LOCK_NODE, "x", LOCK_EXCLUSIVE)); /* the set is still held */
    lock_owner_free(a);
    lock_owner_free(b);
}

/* Somebody waits to create the very name that goes: creating it is then right. */
static void who_adds_the_name_is_not_meant(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");
    static const char *const names[] = {"x"};
    struct waiter w = {.o = b,
                       .rq = {LOCK_NODE, LOCK_EXCLUSIVE, false, names, 1},
                       .adding = true,
                       .timeout_ms = LOCK_FOREVER};

    assert_int_equal(get_set(a, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(lock_delete(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(waiters_for_the_name_fail),     TEST(other_waiters_go_on),
        TEST(only_what_is_held_exclusively), TEST(deleted_names_are_new_names_afterwards),
        TEST(a_member_of_the_own_set),       TEST(who_adds_the_name_is_not_meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

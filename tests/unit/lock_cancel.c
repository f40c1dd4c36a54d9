/* Cancelling an owner ends its wait and all later ones (spec §2.8). */
#include "lock_test.h"

static void ends_a_wait(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter w = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x"};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    lock_cancel(b);
    assert_int_equal(waiter_end(&w), -ECANCELED);
    assert_false(lock_owns(b, LOCK_NODE, "x", LOCK_SHARED));
    assert_true(lock_owns(b, LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED));     /* keeps what it had */
    assert_int_equal(get(c, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0); /* not in the way */
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void lets_those_behind_pass(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    struct waiter first = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x"};
    struct waiter second = {.o = c, .rq = {LOCK_NODE, LOCK_SHARED}, .name = "x"};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    first.timeout_ms = LOCK_FOREVER;
    waiter_start(&first);
    await_waiting(e->m, "b", LOCK_NODE);
    second.timeout_ms = LOCK_FOREVER;
    waiter_start(&second);
    await_waiting(e->m, "c", LOCK_NODE);
    lock_cancel(b);
    assert_int_equal(waiter_end(&first), -ECANCELED);
    assert_int_equal(waiter_end(&second), 0); /* beside a, which never let go */
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void refuses_later_requests(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");

    lock_cancel(a);
    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), -ECANCELED);
    assert_int_equal(get_set(a, LOCK_NODE, LOCK_SHARED, LOCK_FOREVER), -ECANCELED);
    assert_int_equal(lock_add(a, LOCK_NODE, NAMES("x"), 0), -ECANCELED);
    assert_false(lock_owns(a, LOCK_NODE, "x", LOCK_SHARED));
    lock_owner_free(a);
}

static void giving_back_still_works(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x", "y")), 0);
    lock_cancel(a);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("x")), 0);
    assert_int_equal(lock_downgrade(a, LOCK_NODE, NAMES("y")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x", "y")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_a_wait),
        TEST(lets_those_behind_pass),
        TEST(refuses_later_requests),
        TEST(giving_back_still_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

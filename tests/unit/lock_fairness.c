/* The order of service: first come, first served; nobody is passed by what conflicts with
 * it; what does not conflict passes. */
#include "lock_test.h"

/* Three exclusive waiters are served in the order in which they came. */
static void first_come_first_served(void **state)
{
    static const char *const who[] = {"w0", "w1", "w2"};
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");
    struct waiter w[3] = {0};

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    for (int i = 0; i < 3; i++) {
        w[i] = (struct waiter){.o = owner(e->m, who[i]),
                               .rq = {LOCK_NODE, LOCK_EXCLUSIVE},
                               .name = "x",
                               .timeout_ms = LOCK_FOREVER};
        waiter_start(&w[i]);
        await_waiting(e->m, who[i], LOCK_NODE);
    }
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    for (int i = 0; i < 3; i++) {
        await_holding(e->m, who[i], LOCK_NODE);
        for (int j = i + 1; j < 3; j++)
            assert_true(reported(e->m, who[j], true, LOCK_NODE));
        assert_int_equal(waiter_end(&w[i]), 0);
        lock_owner_free(w[i].o);
    }
    lock_owner_free(a);
}

/* While an exclusive request waits, sharers that come later do not get in before it, though
 * one of them could at any moment: a stream of them would starve it. */
static void sharers_do_not_starve_a_waiting_exclusive(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *s = owner(e->m, "s");
    struct waiter w = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE}, .name = "x"};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(get(s, LOCK_NODE, LOCK_SHARED, 20, NAMES("x")), -ETIMEDOUT);
    assert_int_equal(get_set(s, LOCK_NODE, LOCK_SHARED, 0), -ETIMEDOUT);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(s);
}

/* The same for the set: members requested later wait behind it. */
static void members_do_not_starve_a_waiting_set(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *s = owner(e->m, "s");
    struct waiter w = {.o = b, .rq = {.level = LOCK_NODE, .mode = LOCK_EXCLUSIVE, .all = true}};

    assert_int_equal(get(a, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(get(s, LOCK_NODE, LOCK_SHARED, 0, NAMES("y")), -ETIMEDOUT);
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(s);
}

/* A request held up by x does not hold up those who want y only, unless it wants y too. */
static void what_does_not_conflict_passes(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");
    static const char *const names[] = {"x", "z"};
    struct waiter w = {.o = b, .rq = {LOCK_NODE, LOCK_EXCLUSIVE, false, names, 2}};

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    w.timeout_ms = LOCK_FOREVER;
    waiter_start(&w);
    await_waiting(e->m, "b", LOCK_NODE);
    assert_int_equal(get(c, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("y")), 0);
    assert_int_equal(lock_release(c, LOCK_NODE), 0);
    assert_int_equal(get(c, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("z")), -ETIMEDOUT);
    lock_owner_free(a);
    assert_int_equal(waiter_end(&w), 0);
    lock_owner_free(b);
    lock_owner_free(c);
}

/* All sharers at the head are let in together. */
static void sharers_are_let_in_together(void **state)
{
    static const char *const who[] = {"w0", "w1", "w2"};
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a");
    struct waiter w[3] = {0};

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
    for (int i = 0; i < 3; i++) {
        w[i] = (struct waiter){.o = owner(e->m, who[i]),
                               .rq = {LOCK_NODE, LOCK_SHARED},
                               .name = "x",
                               .timeout_ms = LOCK_FOREVER};
        waiter_start(&w[i]);
        await_waiting(e->m, who[i], LOCK_NODE);
    }
    assert_int_equal(lock_release(a, LOCK_NODE), 0);
    for (int i = 0; i < 3; i++) /* none of them lets go before all have it */
        assert_int_equal(waiter_end(&w[i]), 0);
    for (int i = 0; i < 3; i++)
        lock_owner_free(w[i].o);
    lock_owner_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_come_first_served),
        TEST(sharers_do_not_starve_a_waiting_exclusive),
        TEST(members_do_not_starve_a_waiting_set),
        TEST(what_does_not_conflict_passes),
        TEST(sharers_are_let_in_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

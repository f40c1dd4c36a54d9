/* Levels are taken upwards, one request each, the BGL before all (spec §2.1). */
#include "lock_test.h"

static const enum lock_level above[] = {LOCK_INSTANCE, LOCK_NODE, LOCK_EXPORT};

static void nothing_without_the_bgl(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = bare_owner(e->m, "a");

    for (size_t i = 0; i < ITEM_COUNT(above); i++) {
        assert_int_equal(get(o, above[i], LOCK_SHARED, 0, NAMES("x")), -EDEADLK);
        assert_int_equal(get_set(o, above[i], LOCK_SHARED, 0), -EDEADLK);
        assert_int_equal(lock_add(o, above[i], NAMES("x"), 0), -EDEADLK);
    }
    lock_owner_free(o);
}

static void bgl_shared_or_exclusive_will_do(void **state)
{
    struct env *e = *state;

    for (int mode = LOCK_SHARED; mode <= LOCK_EXCLUSIVE; mode++) {
        struct lock_owner *o = bare_owner(e->m, "a");

        assert_int_equal(get(o, LOCK_CLUSTER, (enum lock_mode)mode, 0, NAMES(LOCK_BGL)), 0);
        assert_int_equal(get(o, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0, NAMES("x")), 0);
        lock_owner_free(o);
    }
}

static void every_pair_of_levels(void **state)
{
    struct env *e = *state;

    for (int first = LOCK_CLUSTER; first < LOCK_LEVELS; first++)
        for (int second = LOCK_CLUSTER; second < LOCK_LEVELS; second++) {
            struct lock_owner *o = owner(e->m, "a");
            const char *name = second == LOCK_CLUSTER ? LOCK_BGL : "y";

            if (first != LOCK_CLUSTER)
                assert_int_equal(get(o, (enum lock_level)first, LOCK_SHARED, 0, NAMES("x")), 0);
            assert_int_equal(get(o, (enum lock_level)second, LOCK_SHARED, 0, NAMES(name)),
                             second > first ? 0 : -EDEADLK);
            lock_owner_free(o);
        }
}

static void order_holds_after_a_release(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "a");

    assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES("n")), 0);
    assert_int_equal(get(o, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("i")), -EDEADLK);
    assert_int_equal(lock_release(o, LOCK_NODE), 0);
    assert_int_equal(get(o, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("i")), 0);
    assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES("n")), 0);
    lock_owner_free(o);
}

static void a_refused_request_leaves_what_is_held(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "a");

    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("n")), 0);
    assert_int_equal(get(o, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("m")), -EDEADLK);
    assert_true(lock_owns(o, LOCK_NODE, "n", LOCK_EXCLUSIVE));
    assert_false(lock_owns(o, LOCK_NODE, "m", LOCK_SHARED));
    lock_owner_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_without_the_bgl),
        TEST(bgl_shared_or_exclusive_will_do),
        TEST(every_pair_of_levels),
        TEST(order_holds_after_a_release),
        TEST(a_refused_request_leaves_what_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

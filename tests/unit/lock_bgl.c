/* The cluster level has one lock, the BGL; it goes last (spec §2.1). */
#include "lock_test.h"

static void other_names_do_not_exist_there(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = bare_owner(e->m, "a");

    assert_int_equal(get(o, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES("other")), -EINVAL);
    assert_int_equal(get(o, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL, "other")), -EINVAL);
    assert_false(lock_owns(o, LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED));
    lock_owner_free(o);
}

static void cannot_be_added_to_or_deleted_from(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = bare_owner(e->m, "a");

    assert_int_equal(get(o, LOCK_CLUSTER, LOCK_EXCLUSIVE, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(lock_add(o, LOCK_CLUSTER, NAMES(LOCK_BGL), 0), -EINVAL);
    assert_int_equal(lock_delete(o, LOCK_CLUSTER, NAMES(LOCK_BGL)), -EINVAL);
    assert_true(lock_owns(o, LOCK_CLUSTER, LOCK_BGL, LOCK_EXCLUSIVE));
    lock_owner_free(o);
}

static void cannot_be_released_below_others(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "a");

    assert_int_equal(get(o, LOCK_EXPORT, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_int_equal(lock_release(o, LOCK_CLUSTER), -EBUSY);
    assert_int_equal(lock_release_names(o, LOCK_CLUSTER, NAMES(LOCK_BGL)), -EBUSY);
    assert_true(lock_owns(o, LOCK_CLUSTER, LOCK_BGL, LOCK_SHARED));
    assert_int_equal(lock_release(o, LOCK_EXPORT), 0);
    assert_int_equal(lock_release(o, LOCK_CLUSTER), 0);
    assert_int_equal(lock_release(o, LOCK_CLUSTER), -ENOENT);
    lock_owner_free(o);
}

static void exclusive_bgl_stops_everybody(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = bare_owner(e->m, "a"), *b = bare_owner(e->m, "b");

    assert_int_equal(get(a, LOCK_CLUSTER, LOCK_EXCLUSIVE, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(get(b, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), -ETIMEDOUT);
    assert_int_equal(lock_release(a, LOCK_CLUSTER), 0);
    assert_int_equal(get(b, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    assert_int_equal(get(a, LOCK_CLUSTER, LOCK_SHARED, 0, NAMES(LOCK_BGL)), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_names_do_not_exist_there),
        TEST(cannot_be_added_to_or_deleted_from),
        TEST(cannot_be_released_below_others),
        TEST(exclusive_bgl_stops_everybody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

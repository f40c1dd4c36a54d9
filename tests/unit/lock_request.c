/* A request is one thing: all of its names or none, in any order, each once, or no name at
 * all (spec §2.5, §2.6); and nonsense is refused. */
#include "lock_test.h"

static void all_or_nothing(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b"), *c = owner(e->m, "c");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("n3")), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 10, NAMES("n1", "n2", "n3", "n4")),
                     -ETIMEDOUT);
    assert_false(lock_owns(b, LOCK_NODE, "n1", LOCK_SHARED));
    assert_int_equal(lock_release(b, LOCK_NODE), -ENOENT);
    assert_int_equal(get(c, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("n1", "n2", "n4")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
    lock_owner_free(c);
}

static void equal_names_count_once(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("y", "x", "y", "x", "y")), 0);
    assert_int_equal(lock_release_names(a, LOCK_NODE, NAMES("y")), 0);
    assert_false(lock_owns(a, LOCK_NODE, "y", LOCK_SHARED));
    assert_true(lock_owns(a, LOCK_NODE, "x", LOCK_EXCLUSIVE));
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NAMES("y")), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

static void no_names_own_nothing(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get_set(a, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_EXCLUSIVE, 0, NULL, 0), 0);
    assert_false(lock_owns(b, LOCK_NODE, "x", LOCK_SHARED));
    assert_int_equal(lock_release(b, LOCK_NODE), -ENOENT);
    assert_int_equal(get(b, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("x")), 0); /* nothing above */
    lock_owner_free(a);
    lock_owner_free(b);
}

static void nonsense_is_refused(void **state)
{
    static const char *const bad[] = {"", "a\nb", "a\tb", "\x7f", "caf\xc3\xa9", "end\n"};
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "a");

    for (size_t i = 0; i < ITEM_COUNT(bad); i++) {
        assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES("good", bad[i])), -EINVAL);
        assert_int_equal(lock_add(o, LOCK_NODE, NAMES(bad[i]), 0), -EINVAL);
    }
    assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NAMES(NULL)), -EINVAL);
    assert_int_equal(get(o, LOCK_LEVELS, LOCK_SHARED, 0, NAMES("x")), -EINVAL);
    assert_int_equal(get(o, (enum lock_level) - 1, LOCK_SHARED, 0, NAMES("x")), -EINVAL);
    assert_int_equal(get(o, LOCK_NODE, (enum lock_mode)7, 0, NAMES("x")), -EINVAL);
    assert_int_equal(get(o, LOCK_NODE, LOCK_SHARED, 0, NULL, 3), -EINVAL);
    lock_owner_free(o);
}

static void names_may_look_like_anything_printable(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get(a, LOCK_NODE, LOCK_EXCLUSIVE, 0,
                         NAMES("set", "end", "name x", " lead", "../..", "[lockset]")),
                     0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("x")), 0);
    assert_int_equal(lock_release(b, LOCK_NODE), 0);
    assert_int_equal(get(b, LOCK_NODE, LOCK_SHARED, 0, NAMES("../..")), -ETIMEDOUT);
    lock_owner_free(a);
    lock_owner_free(b);
}

static void owners_are_checked(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = NULL;

    assert_int_equal(lock_owner_new(e->m, "a\nb", 0, &o), -EINVAL);
    assert_int_equal(lock_owner_new(e->m, "a", LOCK_PRIO_LOWEST + 1, &o), -EINVAL);
    assert_int_equal(lock_owner_new(e->m, "a", LOCK_PRIO_HIGHEST - 1, &o), -EINVAL);
    assert_null(o);
    assert_int_equal(lock_owner_new(e->m, "", LOCK_PRIO_HIGHEST, &o), 0);
    assert_int_equal(lock_owner_set_priority(o, LOCK_PRIO_LOWEST + 1), -EINVAL);
    assert_int_equal(lock_owner_priority(o), LOCK_PRIO_HIGHEST);
    assert_int_equal(lock_owner_set_priority(o, LOCK_PRIO_LOWEST), 0);
    assert_int_equal(lock_owner_priority(o), LOCK_PRIO_LOWEST);
    lock_owner_free(o);
    lock_owner_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_or_nothing),       TEST(equal_names_count_once),
        TEST(no_names_own_nothing), TEST(nonsense_is_refused),
        TEST(owners_are_checked),   TEST(names_may_look_like_anything_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

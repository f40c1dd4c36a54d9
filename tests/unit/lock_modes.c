/* Who excludes whom: every mode and every kind of claim of two owners, in both orders.
 * Shared and shared coexist; the set implies its members (spec §2.4, §2.6). */
#include "lock_test.h"

enum kind { SET, NAME_X, NAME_Y, NAMES_XY, KINDS };

static int take(struct lock_owner *o, enum kind kind, int mode)
{
    enum lock_mode m = (enum lock_mode)mode;

    switch (kind) {
    case SET:
        return get_set(o, LOCK_NODE, m, 0);
    case NAME_X:
        return get(o, LOCK_NODE, m, 0, NAMES("x"));
    case NAME_Y:
        return get(o, LOCK_NODE, m, 0, NAMES("y"));
    default:
        return get(o, LOCK_NODE, m, 0, NAMES("x", "y"));
    }
}

/* Do the two have a lock in common? */
static const bool common[KINDS][KINDS] = {
    [SET] = {true, true, true, true},
    [NAME_X] = {true, true, false, true},
    [NAME_Y] = {true, false, true, true},
    [NAMES_XY] = {true, true, true, true},
};

static void matrix(void **state)
{
    struct env *e = *state;

    for (int k1 = 0; k1 < KINDS; k1++)
        for (int m1 = LOCK_SHARED; m1 <= LOCK_EXCLUSIVE; m1++)
            for (int k2 = 0; k2 < KINDS; k2++)
                for (int m2 = LOCK_SHARED; m2 <= LOCK_EXCLUSIVE; m2++) {
                    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");
                    bool coexist = !common[k1][k2] || (m1 == LOCK_SHARED && m2 == LOCK_SHARED);

                    assert_int_equal(take(a, (enum kind)k1, m1), 0);
                    assert_int_equal(take(b, (enum kind)k2, m2), coexist ? 0 : -ETIMEDOUT);
                    lock_owner_free(a);
                    lock_owner_free(b);
                }
}

static void levels_are_apart(void **state)
{
    struct env *e = *state;
    struct lock_owner *a = owner(e->m, "a"), *b = owner(e->m, "b");

    assert_int_equal(get_set(a, LOCK_INSTANCE, LOCK_EXCLUSIVE, 0), 0);
    assert_int_equal(get_set(b, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    lock_owner_free(a);
    lock_owner_free(b);
}

static void owns_tells_what_is_held(void **state)
{
    struct env *e = *state;
    struct lock_owner *o = owner(e->m, "a");

    assert_int_equal(get(o, LOCK_INSTANCE, LOCK_SHARED, 0, NAMES("i")), 0);
    assert_int_equal(get_set(o, LOCK_NODE, LOCK_EXCLUSIVE, 0), 0);
    assert_true(lock_owns(o, LOCK_INSTANCE, "i", LOCK_SHARED));
    assert_false(lock_owns(o, LOCK_INSTANCE, "i", LOCK_EXCLUSIVE));
    assert_false(lock_owns(o, LOCK_INSTANCE, "j", LOCK_SHARED));
    assert_true(lock_owns(o, LOCK_NODE, "any", LOCK_SHARED));
    assert_true(lock_owns(o, LOCK_NODE, "any", LOCK_EXCLUSIVE));
    assert_false(lock_owns(o, LOCK_EXPORT, "i", LOCK_SHARED));
    lock_owner_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(matrix),
        TEST(levels_are_apart),
        TEST(owns_tells_what_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Names that are kept once: equal strings are one string until the last of them is given back. */
#include "fs/atoms.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void equal_strings_are_one(void **state)
{
    (void)state;
    struct atoms a = {0};
    char name[] = "web1";
    const char *one = atoms_take(&a, name);
    assert_ptr_not_equal(one, name);
    memset(name, 'x', 4);
    assert_string_equal(one, "web1");
    assert_ptr_equal(atoms_take(&a, "web1"), one);
    assert_ptr_not_equal(atoms_take(&a, "web2"), one);
    assert_int_equal(a.n, 2);
    atoms_clear(&a);
    assert_int_equal(a.n, 0);
}

static void it_is_there_until_the_last_is_given_back(void **state)
{
    (void)state;
    struct atoms a = {0};
    const char *one = atoms_take(&a, "web1");
    atoms_take(&a, "web1");
    atoms_give(&a, one);
    assert_string_equal(one, "web1");
    assert_int_equal(a.n, 1);
    atoms_give(&a, one);
    assert_int_equal(a.n, 0);
    assert_string_equal(atoms_take(&a, "web1"), "web1");
    atoms_clear(&a);
}

static void nothing_is_kept_of_the_empty_one(void **state)
{
    (void)state;
    struct atoms a = {0};
    const char *empty = atoms_take(&a, "");
    assert_string_equal(empty, "");
    assert_int_equal(a.n, 0);
    atoms_give(&a, empty);
    atoms_give(&a, NULL);
    atoms_clear(&a);
}

static void many_are_all_found(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    struct atoms a = {0};
    static const char *had[MANY];
    char name[32];
    for (int k = 0; k < MANY; k++) {
        snprintf(name, sizeof(name), "vm%d", k);
        had[k] = atoms_take(&a, name);
    }
    for (int k = 0; k < MANY; k++) {
        snprintf(name, sizeof(name), "vm%d", k);
        assert_ptr_equal(atoms_take(&a, name), had[k]);
        atoms_give(&a, had[k]);
    }
    assert_int_equal(a.n, MANY);
    for (int k = 0; k < MANY; k++)
        atoms_give(&a, had[k]);
    assert_int_equal(a.n, 0);
    atoms_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_strings_are_one),
        cmocka_unit_test(it_is_there_until_the_last_is_given_back),
        cmocka_unit_test(nothing_is_kept_of_the_empty_one),
        cmocka_unit_test(many_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

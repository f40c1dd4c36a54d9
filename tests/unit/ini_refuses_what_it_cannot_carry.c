/* ini_set() and ini_add_section(): -EINVAL instead of a value silently changed. */
#include "tests/unit/ini_python.h"

static void test_values(void **state)
{
    static const char *const bad[] = {
        " x",
        "x ",
        "\tx",
        "x\t",
        "x\n y",
        "x \ny",
        "x\n",
        "\n",
        "x\n\n",
        "x\n#y",
        "x\n;y",
        "a\rb",
        "a\x01",
        "\x7f",
        "\xff",
        "\xc3",
        "\xc0\x80",
        "\xed\xa0\x80",
        "\xc2\xa0x",
        "x\xe3\x80\x80",
        "x\n\xe2\x80\xa8y",
        "\x1b[1m",
    };
    struct ini *ini = NULL;

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    assert_int_equal(ini_set(ini, "s", "k", "old"), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (ini_set(ini, "s", "k", bad[i]) != -EINVAL)
            fail_msg("value %zu was accepted", i);
        assert_string_equal(ini_get(ini, "s", "k"), "old");
    }
    ini_free(ini);
}

static void test_keys(void **state)
{
    static const char *const bad[] = {"",   " k",  "k ",   "a=b",  "a:b",      "#k",   ";k",
                                      "[k", "[k]", "a\nb", "a\tb", "\xc3\xa4", "k\x7f"};
    struct ini *ini = NULL;

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (ini_set(ini, "s", bad[i], "v") != -EINVAL)
            fail_msg("key %zu was accepted", i);
    assert_null(ini_section(ini, "s"));
    ini_free(ini);
}

static void test_sections(void **state)
{
    static const char *const bad[] = {"", "a]", "[a", "a\nb", "DEFAULT", "a\x01", "\xff"};
    struct ini *ini = NULL;

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ini_add_section(ini, bad[i]), -EINVAL);
        assert_int_equal(ini_set(ini, bad[i], "k", "v"), -EINVAL);
    }
    assert_int_equal(ini->n, 0);
    ini_free(ini);
}

static void test_replaces(void **state)
{
    struct ini *ini = NULL;

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    assert_int_equal(ini_set(ini, "s", "Key", "1"), 0);
    assert_int_equal(ini_set(ini, "s", "kEY", "2"), 0);
    assert_int_equal(ini_add_section(ini, "s"), 0);
    assert_int_equal(ini->n, 1);
    assert_int_equal(ini->sections[0].n, 1);
    assert_string_equal(ini->sections[0].entries[0].key, "Key");
    assert_string_equal(ini_get(ini, "s", "key"), "2");
    assert_null(ini_get(ini, "S", "key"));
    assert_null(ini_get(ini, "s", "other"));
    ini_free(ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_replaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

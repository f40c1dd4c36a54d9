/* What ini_set() accepts, Python's strict ConfigParser reads back unchanged. */
#include "tests/unit/ini_python.h"

static const char *const values[] = {
    "",           "x",       "100%",      "%",         "%%",    "%(x)s",
    "two\nlines", "a\n\nb",  "\nlater",   "#no",       ";no",   "= x",
    ": x",        "a = b",   "[s]",       "x\n[s]",    "None",  "x\nk = v",
    "a ; b",      "tab\tin", "\xc3\xa4z", "x\n\n\n%y", "a\n=b", "x\n\xe2\x82\xac",
    "'quoted'",   "\"q\"",
};

static const char *const keys[] = {"k",   "Upper_Case", "with blank", "root-path",
                                   "a%b", "!",          "x]",         "a.b/c"};

static void test_read_back(void **state)
{
    struct ini *ini = NULL;
    char *text = NULL;
    size_t len;

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_int_equal(
            ini_setf(ini, "values", (char[]){'k', (char)('a' + i), 0}, "%s", values[i]), 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(ini_set(ini, "keys of all kinds", keys[i], "v"), 0);
    assert_int_equal(ini_add_section(ini, "empty"), 0);
    assert_int_equal(ini_format(ini, &text, &len), 0);
    assert_int_equal(strlen(text), len);
    write_file(in_scratch("in.ini"), text, len);

    char *want = ini_dump(ini);
    char *got = run_python("import configparser\n" PY_DUMP "c = configparser.ConfigParser()\n"
                           "c.read('in.ini', encoding='utf-8')\nprint(dump(c), end='')\n");

    assert_string_equal(got, want);

    /* and so do we */
    struct ini *again = NULL;
    struct err err;

    assert_int_equal(ini_parse(text, len, &again, &err), 0);

    char *ours = ini_dump(again);

    assert_string_equal(ours, want);
    free(ours);
    free(got);
    free(want);
    free(text);
    ini_free(again);
    ini_free(ini);
}

static void test_form(void **state)
{
    struct ini *ini = NULL;
    char *text = NULL;
    size_t len;

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    assert_int_equal(ini_set(ini, "a", "K", "50%"), 0);
    assert_int_equal(ini_set(ini, "a", "e", ""), 0);
    assert_int_equal(ini_set(ini, "b", "m", "x\ny"), 0);
    assert_int_equal(ini_format(ini, &text, &len), 0);
    assert_string_equal(text, "[a]\nK = 50%%\ne = \n\n[b]\nm = x\n\ty\n\n");
    free(text);
    ini_free(ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read_back),
                                       cmocka_unit_test(test_form)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

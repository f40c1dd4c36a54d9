/* What Python's ConfigParser writes, ours reads with the same values. */
#include "tests/unit/ini_python.h"

static void test_every_value(void **state)
{
    static const char script[] =
        "import configparser\n" PY_DUMP "c = configparser.ConfigParser()\n"
        "c.optionxform = str\n"
        "values = ['', 'x', 'a b', 'two\\nlines', 'three\\n\\nlines', '\\nlater', '100%%', "
        "'%%(x)s', '%%%%',\n"
        "          '# not a comment', '; neither', '= x', ': x', 'a = b', 'a:b', '[s]', 'x\\n[s]', "
        "'x\\nk = v',\n"
        "          'None', \"''\", 'a ; b', 'a # b', 'tab\\there', '\\u00e4\\u20ac\\U0001f600', "
        "'\\u00e4\\nx']\n"
        "c['export'] = {'version': '0'}\n"
        "c['values'] = {'k%d' % i: v for i, v in enumerate(values)}\n"
        "c['Empty Section'] = {}\n"
        "c['keys'] = {'root-path': '1', 'Upper_Case': '2', 'with blank': '3', 'a.b/c%': '4'}\n"
        "with open('out.ini', 'w', encoding='utf-8') as f: c.write(f)\n"
        "c.optionxform = str.lower\n"
        "d = configparser.ConfigParser()\n"
        "d.read('out.ini', encoding='utf-8')\n"
        "print(dump(d), end='')\n";
    char *want = run_python(script);
    struct ini *ini = NULL;
    struct err err;

    (void)state;
    assert_int_equal(ini_read_file(AT_FDCWD, in_scratch("out.ini"), &ini, &err), 0);

    char *got = ini_dump(ini);

    assert_string_equal(got, want);
    assert_string_equal(ini_get(ini, "values", "k4"), "three\n\nlines");
    assert_string_equal(ini_get(ini, "values", "k6"), "100%");
    assert_string_equal(ini->sections[3].entries[1].key, "Upper_Case");
    free(got);
    free(want);
    ini_free(ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_value)};

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}

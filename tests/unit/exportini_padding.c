/* Whatever its text's length, config.ini is padded by whole comment lines to a multiple of 4096. */
#include "tests/unit/exportini_inst.h"

static void check_padding(const char *text, size_t len)
{
    assert_int_equal(len % EXPORTINI_PAD, 0);
    assert_int_equal(strlen(text), len);
    assert_int_equal(text[len - 1], '\n');
    /* nothing but comments behind the last empty line */
    const char *last = text;

    for (const char *p = text; (p = strstr(p, "\n\n")); p++)
        last = p + 2;
    assert_int_equal(strspn(last, "#\n"), strlen(last));
    for (; *last; last = strchr(last, '\n') + 1)
        assert_int_equal(*last, '#');
}

static void test_every_remainder(void **state)
{
    struct model_instance inst = sample_instance(NULL);
    struct ini *ini = NULL;
    char value[4200];

    (void)state;
    assert_int_equal(ini_new(&ini), 0);
    inst.ini = ini;
    for (size_t n = 1; n < 4150; n++) {
        memset(value, 'x', n);
        value[n] = '\0';
        assert_int_equal(ini_set(ini, "os", "k", value), 0);

        size_t len;
        char *text = render(&inst, &len);
        struct ini *again = ini_of(text);

        check_padding(text, len);
        assert_string_equal(ini_get(again, "os", "k"), value);
        ini_free(again);
        free(text);
    }
    ini_free(ini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_remainder)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

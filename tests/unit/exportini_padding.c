/* Whatever its text's length, config.ini is padded by whole comment lines to a multiple of 4096. */
#include "tests/unit/exportini_inst.h"

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
        const char *p = strstr(text, "\n\n#");

        assert_int_equal(len % EXPORTINI_PAD, 0);
        assert_int_equal(strlen(text), len);
        assert_int_equal(text[len - 1], '\n');
        assert_string_equal(ini_get(again, "os", "k"), value);
        for (p = p ? p + 2 : ""; *p; p = strchr(p, '\n') + 1)
            assert_int_equal(*p, '#');
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

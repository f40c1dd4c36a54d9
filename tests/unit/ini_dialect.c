/* The dialect's edge cases: what is read how. */
#include "tests/unit/ini_python.h"

static void expect(const char *text, const char *key, const char *value)
{
    struct ini *ini = NULL;
    struct err err;

    if (ini_parse(text, strlen(text), &ini, &err) < 0)
        fail_msg("%s\n%s", text, err.text);
    if (value)
        assert_string_equal(ini_get(ini, "s", key), value);
    else
        assert_null(ini_get(ini, "s", key));
    ini_free(ini);
}

static void test_read(void **state)
{
    static const struct {
        const char *text, *key, *value;
    } table[] = {
        {"[s]\nk=v", "k", "v"},
        {"\n[s]\nk = v\n", "k", "v"},
        {"[s]\nk:v\n", "k", "v"},
        {"[s]\nk : v = w\n", "k", "v = w"},
        {"[s]\nk = v : w\n", "k", "v : w"},
        {"[s]\nk =\n", "k", ""},
        {"[s]\nk = \n", "k", ""},
        {"[s]\r\nk = v\r\n", "k", "v"},
        {"[s]\r\nk = a\r\n\tb\r\n", "k", "a\nb"},
        {"[s]\nk = v\t \n", "k", "v"},
        {"[s]\nKey = v\n", "kEY", "v"},
        {"[s]\nk = a\n\tb\n  c\n", "k", "a\nb\nc"},
        {"[s]\nk = a\n\n b\n", "k", "a\n\nb"},
        {"[s]\nk = a\n\n\n[t]\n", "k", "a"},
        {"[s]\nk = a\n# c\n b\n", "k", "a\nb"},
        {"[s]\nk = a\n  ; c\n b\n", "k", "a\nb"},
        {"[s]\nk = a ; b\n", "k", "a ; b"},
        {"[s]\n; c\n# d\nk = v\n", "k", "v"},
        {"[s]\n  k = a\n  l = b\n", "l", "b"},
        {"[s]\n  k = a\n   l = b\n", "k", "a\nl = b"},
        {"[s]\nk = a\n [t]\n", "k", "a\n[t]"},
        {"[s]\nk = 100%%\n", "k", "100%"},
        {"[s]\nk = %%(x)s\n", "k", "%(x)s"},
        {"[s]\nk = 5% off %\n", "k", "5% off %"},
        {"[s]\nk = %%%\n", "k", "%%"},
        {"[s]\nk = None\n", "k", "None"},
        {"[s]\nroot-path = /\n", "root-path", "/"},
        {"[s]", "k", NULL},
        {"", "k", NULL},
        {"# only a comment", "k", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect(table[i].text, table[i].key, table[i].value);
}

static void test_syntax_errors(void **state)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"just prose\n", "line 1: "},
        {"k = v\n", "line 1: "},
        {"[s\n", "line 1: "},
        {"[]\n", "line 1: "},
        {"[s] x\n", "line 1: "},
        {"[DEFAULT]\nk = v\n", "line 1: "},
        {"[s]\n\nnothing\n", "line 3: "},
        {"[s]\n= v\n", "line 2: "},
        {"[s]\nk = 1\nl = 2\nK = 3\n", "line 4: Key 'K' occurs twice"},
        {"[s]\n[t]\n[s]\n", "line 3: Section 's' occurs twice"},
        {"[s]\nk = %(x)s\n", "line 2: "},
        {"[s]\nk = a\n b%(x)s\n", "line 2: "},
        {"[s]\nk = a\x01\n", "line 2: "},
        {"[s]\nk = a\rb\n", "line 2: "},
        {"[s]\nk = \xff\n", "line 2: "},
        {"[s]\n\xc3\xa4 = v\n", "line 2: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct ini *ini = NULL;
        struct err err = {0};

        if (ini_parse(table[i].text, strlen(table[i].text), &ini, &err) != -EINVAL)
            fail_msg("accepted: %s", table[i].text);
        if (strncmp(err.text, table[i].says, strlen(table[i].says)))
            fail_msg("%s\nbut said: %s", table[i].text, err.text);
        assert_int_equal(err.class, ERR_PREREQ);
        assert_int_equal(err.ecode, ECODE_INVAL);
        assert_null(ini);
    }
}

static void test_nul(void **state)
{
    struct ini *ini = NULL;
    struct err err;

    (void)state;
    assert_int_equal(ini_parse("[s]\nk = a\0b\n", 12, &ini, &err), -EINVAL);
    assert_int_equal(ini_parse("[s\0]\n", 5, &ini, &err), -EINVAL);
}

static void test_limit(void **state)
{
    size_t len = INI_MAX_BYTES;
    char *text = malloc(len + 1);
    struct ini *ini = NULL;
    struct err err;

    (void)state;
    memset(text, '\n', len + 1);
    assert_int_equal(ini_parse(text, len + 1, &ini, &err), -EFBIG);
    assert_null(ini);
    assert_int_equal(ini_parse(text, len, &ini, &err), 0);
    ini_free(ini);
    free(text);
}

/* A hostile file of very many keys is read in good time. */
static void test_many_keys(void **state)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    struct ini *ini = NULL;
    struct err err;

    (void)state;
    fputs("[s]\n", f);
    for (unsigned i = 0; i < 100000; i++)
        fprintf(f, "%x=\n", i);
    fclose(f);
    assert_int_equal(ini_parse(text, len, &ini, &err), 0);
    assert_int_equal(ini->sections[0].n, 100000);
    ini_free(ini);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),      cmocka_unit_test(test_syntax_errors),
        cmocka_unit_test(test_nul),       cmocka_unit_test(test_limit),
        cmocka_unit_test(test_many_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

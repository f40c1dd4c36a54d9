/* sums_parse(): a text that is not trusted; the error names the line. */
#include "export/sums.h"
#include "tests/unit/format_tools.h"

#include <errno.h>

#define H "00112233445566778899aabbccddeeff"

static void test_bad(void **state)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"\n", "line 1:"},
        {"x\n", "line 1:"},
        {H "\n", "line 1:"},
        {H "  \n", "line 1:"},
        {H " a\n", "line 1:"},
        {H "  a\n" H "a  b\n", "line 2:"},
        {"g0112233445566778899aabbccddeeff  a\n", "line 1:"},
        {H "  a/b\n", "line 1:"},
        {H "  ..\n", "line 1:"},
        {H "  /etc/passwd\n", "line 1:"},
        {H "  a\r\n", "line 1:"},
        {H "  a\n\n", "line 2:"},
        {H "  a\n" H "  b\n" H "  a\n", "line 3: 'a' occurs twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct sums_entry *e = NULL;
        size_t n = 77;
        struct err err = {0};

        if (sums_parse(table[i].text, strlen(table[i].text), &e, &n, &err) != -EINVAL)
            fail_msg("accepted: %s", table[i].text);
        assert_null(e);
        assert_int_equal(n, 77);
        assert_int_equal(strncmp(err.text, table[i].says, strlen(table[i].says)), 0);
    }
}

static void test_good(void **state)
{
    static const char text[] = "00112233445566778899AABBCCDDEEFF  a";
    struct sums_entry *e = NULL;
    size_t n;
    struct err err;

    (void)state;
    assert_int_equal(sums_parse(text, sizeof text - 1, &e, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(e[0].digest.digest[15], 0xff);
    free(e);
    e = NULL;
    assert_int_equal(sums_parse("", 0, &e, &n, &err), 0);
    assert_int_equal(n, 0);
    free(e);
}

static void test_longest_name(void **state)
{
    char text[400];
    struct sums_entry *e = NULL;
    size_t n;
    struct err err;

    (void)state;
    memset(text, 'n', sizeof text);
    memcpy(text, H "  ", 34);
    assert_int_equal(sums_parse(text, 34 + 255, &e, &n, &err), 0);
    assert_int_equal(strlen(e[0].name), 255);
    free(e);
    assert_int_equal(sums_parse(text, 34 + 256, &e, &n, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bad), cmocka_unit_test(test_good),
                                       cmocka_unit_test(test_longest_name)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

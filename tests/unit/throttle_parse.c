/* -o bwlimit=BYTES: what a number of bytes is. */
#include "export/throttle.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void good(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},
        {"1", 1},
        {"007", 7},
        {"65536", 65536},
        {"1K", 1024},
        {"1k", 1024},
        {"8M", 8 << 20},
        {"8m", 8 << 20},
        {"3G", UINT64_C(3) << 30},
        {"2g", UINT64_C(2) << 30},
        {"1T", UINT64_C(1) << 40},
        {"0G", 0},
        {"9223372036854775807", INT64_MAX},
        {"8388607T", UINT64_C(8388607) << 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t v = 99;

        assert_int_equal(throttle_parse(cases[i].text, &v), 0);
        assert_int_equal(v, cases[i].bytes);
    }
}

static void refused(int r, const char *text)
{
    uint64_t v = 99;

    assert_int_equal(throttle_parse(text, &v), r);
    assert_int_equal(v, 99);
}

static void bad(void **state)
{
    static const char *const texts[] = {"",     " ",   "K",    "-1",  "+1",  " 1",   "1 ",   "1KB",
                                        "1KiB", "1X",  "1.5M", "0x1", "1e3", "1MM",  "M1",   "1[",
                                        "1@",   "1,5", "1`",   "1{",  "1\n", "\xff", "1\xcb"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(-EINVAL, texts[i]);
}

static void too_much(void **state)
{
    static const char *const texts[] = {"9223372036854775808",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "99999999999999999999999999",
                                        "8388608T",
                                        "16777216T",
                                        "18014398509481984K",
                                        "17179869184G"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(-ERANGE, texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(bad),
        cmocka_unit_test(too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Expansion of a short name, every row of spec §11. */
#include "export/names.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *get(const void *arg, size_t i)
{
    return ((const char *const *)arg)[i];
}

struct row {
    const char *what, *key;
    long want;
    const char *names[5];
};

static const struct row rows[] = {
    {"exact member", "test1.example.com", 0, {"test1.example.com"}},
    {"exact member although it begins another", "test1", 1, {"test1.example.com", "test1"}},
    {"exact case wins over another case", "Test1", 1, {"test1", "Test1"}},
    {"key + dot begins the name", "test1", 0, {"test1.example.com"}},
    {"more than one label", "test1.example", 0, {"test1.example.com"}},
    {"half a label does not match", "test1.exam", -ENOENT, {"test1.example.com"}},
    {"half a first label does not match", "tes", -ENOENT, {"test1.example.com"}},
    {"case is ignored in a prefix", "TEST1", 0, {"test1.example.com"}},
    {"case is ignored in the whole", "TEST1.EXAMPLE.COM", 0, {"test1.example.com"}},
    {"the only equal one beats prefixes", "TEST1", 1, {"test1.example.com", "test1"}},
    {"ambiguous prefixes", "test1", -ENOENT, {"test1.example.com", "test1.example.org"}},
    {"two equal ones in other cases", "TEST1", -ENOENT, {"test1", "Test1"}},
    {"two equal ones and a prefix", "TEST1", -ENOENT, {"test1", "Test1", "test1.a"}},
    {"none", "other", -ENOENT, {"test1.example.com"}},
    {"no names at all", "test1", -ENOENT, {NULL}},
    {"dot is literal", "test.", -ENOENT, {"test1.example.com"}},
    {"dot is literal inside", "te.t1", -ENOENT, {"test1.example.com"}},
    {"star is literal", "test.*", -ENOENT, {"test1.example.com"}},
    {"plus is literal", "a+", 1, {"aa.example.com", "a+.example.com"}},
    {"bracket is literal", "[t]est1", -ENOENT, {"test1.example.com"}},
    {"longer than the name", "test1.example.com.", -ENOENT, {"test1.example.com"}},
    {"empty key", "", -ENOENT, {"test1.example.com"}},
};

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;

        while (rows[i].names[n])
            n++;

        long got = names_match(rows[i].key, n, get, rows[i].names);

        if (got != rows[i].want)
            fail_msg("%s: %ld", rows[i].what, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

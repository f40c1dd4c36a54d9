/* Which names may become files of the tree (names.h), and which may name a dump. */
#include "export/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const good[] = {
    "a",
    "web1.example.com",
    "WEB1.Example.COM",
    "node_1",
    "a+b-c",
    "0.0",
    "trailing-",
    "trailing.",
    "x.newer",
    "x.tarball",
    "new",
    "tar",
    "_x",
    "+x",
    "x.new.example.com",
};

static const char *const bad[] = {
    "",         ".",        "..",   ".hidden", "-rf",         "a/b", "/a",     "../a", "a..b",
    "a b",      "a\tb",     "a\nb", "a\x7f",   "caf\xc3\xa9", "a:b", "a%b",    "a*",   "a~",
    "web1.new", "web1.tar", "a\\b", "a,b",     "a=b",         "a'b", "web1..",
};

static void names_of_the_tree(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!names_valid(good[i]))
            fail_msg("refused: \"%s\"", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (names_valid(bad[i]))
            fail_msg("accepted: \"%s\"", bad[i]);
}

static void length_has_a_limit(void **state)
{
    char name[NAMES_MAX + 2];

    (void)state;
    memset(name, 'x', sizeof name);
    name[NAMES_MAX] = '\0';
    assert_true(names_valid(name));
    name[NAMES_MAX] = 'x';
    name[NAMES_MAX + 1] = '\0';
    assert_false(names_valid(name));
}

static void file_names(void **state)
{
    char name[257];

    (void)state;
    assert_true(names_valid_file("disk0.raw"));
    assert_true(names_valid_file("6f0c7a52-8b1f.disk0_data.snap"));
    assert_true(names_valid_file("with blank and \xc3\xa9"));
    assert_true(names_valid_file(".hidden"));
    assert_false(names_valid_file(""));
    assert_false(names_valid_file("."));
    assert_false(names_valid_file(".."));
    assert_false(names_valid_file("../x"));
    assert_false(names_valid_file("/abs"));
    assert_false(names_valid_file("a/b"));
    assert_false(names_valid_file("a\nb"));
    assert_false(names_valid_file("a\x01"));
    assert_false(names_valid_file("a\x7f"));
    memset(name, 'x', sizeof name);
    name[255] = '\0';
    assert_true(names_valid_file(name));
    name[255] = 'x';
    name[256] = '\0';
    assert_false(names_valid_file(name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_the_tree),
        cmocka_unit_test(length_has_a_limit),
        cmocka_unit_test(file_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A packed tree says what it said before, and is not changed any more. */
#include "export/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char text[] = "[empty]\n\n[a]\nkey = value\nNone = \nlines = one\n\ttwo %% three\n\n"
                           "[b]\nkey = other\n\n";

static struct ini *parsed(const char *from)
{
    struct ini *ini = NULL;
    struct err err;

    if (ini_parse(from, strlen(from), &ini, &err) < 0)
        fail_msg("%s", err.text);
    return ini;
}

static void it_says_the_same(void **state)
{
    CLEANUP_INI struct ini *ini = parsed(text);
    CLEANUP_FREE char *again = NULL;
    size_t len;

    (void)state;
    assert_int_equal(ini_pack(&ini), 0);
    assert_int_equal(ini_format(ini, &again, &len), 0);
    assert_string_equal(again, text);
    assert_string_equal(ini_get(ini, "a", "KEY"), "value");
    assert_string_equal(ini_get(ini, "a", "none"), "");
    assert_string_equal(ini_get(ini, "b", "key"), "other");
    assert_null(ini_get(ini, "b", "lines"));
    assert_int_equal(ini_section(ini, "empty")->n, 0);
    assert_int_equal(ini_section(ini, "b")->line, 9);
    assert_int_equal(ini_section(ini, "b")->entries[0].line, 10);
}

static void it_cannot_be_changed(void **state)
{
    CLEANUP_INI struct ini *ini = parsed(text);

    (void)state;
    assert_int_equal(ini_pack(&ini), 0);
    assert_int_equal(ini_set(ini, "a", "key", "new"), -EROFS);
    assert_int_equal(ini_set(ini, "c", "key", "new"), -EROFS);
    assert_int_equal(ini_add_section(ini, "c"), -EROFS);
    assert_string_equal(ini_get(ini, "a", "key"), "value");
    assert_int_equal(ini->n, 3);
}

static void again_or_nothing_is_well(void **state)
{
    CLEANUP_INI struct ini *ini = parsed("");
    struct ini *none = NULL;

    (void)state;
    assert_int_equal(ini_pack(&none), 0);
    assert_null(none);
    assert_int_equal(ini_pack(&ini), 0);
    assert_int_equal(ini_pack(&ini), 0);
    assert_int_equal(ini->n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_the_same),
        cmocka_unit_test(it_cannot_be_changed),
        cmocka_unit_test(again_or_nothing_is_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

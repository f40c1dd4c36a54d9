/* The texts that were looked up lately: each by its version, bounded in number and bytes. */
#include "fs/texts.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include <cmocka.h>

static struct texts *texts;

static int setup(void **state)
{
    (void)state;
    return texts_new(&texts);
}

static int teardown(void **state)
{
    (void)state;
    texts_free(texts);
    return 0;
}

static void keep(uint64_t number, uint64_t version, size_t len)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, 'a' + (int)(version % 26), len);
    texts_keep(texts, number, version, text, len);
}

static bool is_kept(uint64_t number, uint64_t version, size_t len)
{
    CLEANUP_FREE char *text = NULL;
    int r = texts_get(texts, number, version, &text);
    if (r < 0) {
        assert_int_equal(r, -ENOENT);
        return false;
    }
    assert_int_equal(strlen(text), len);
    for (size_t k = 0; k < len; k++)
        assert_int_equal(text[k], 'a' + (int)(version % 26));
    return true;
}

static void each_version_has_its_own(void **state)
{
    (void)state;
    keep(1, 1, 10);
    keep(1, 2, 20);
    keep(2, 1, 30);
    keep(3, 3, 0);
    assert_true(is_kept(1, 1, 10));
    assert_true(is_kept(1, 2, 20));
    assert_true(is_kept(2, 1, 30));
    assert_true(is_kept(3, 3, 0));
    assert_false(is_kept(2, 2, 0));
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    for (uint64_t v = 0; v <= TEXTS_MOST; v++)
        keep(1, v, 5);
    assert_false(is_kept(1, 0, 5));
    assert_true(is_kept(1, 1, 5));
    assert_true(is_kept(1, TEXTS_MOST, 5));
}

static void one_that_is_kept_again_is_the_newest(void **state)
{
    (void)state;
    keep(1, 0, 5);
    for (uint64_t v = 1; v < TEXTS_MOST; v++)
        keep(1, v, 5);
    keep(1, 0, 5);
    for (uint64_t v = 1; v < TEXTS_MOST; v++)
        keep(2, v, 5);
    assert_true(is_kept(1, 0, 5));
}

static void bytes_are_bounded_but_for_a_few(void **state)
{
    (void)state;
    size_t half = TEXTS_MOST_BYTES / 2;
    for (uint64_t v = 0; v < TEXTS_FEWEST + 4; v++)
        keep(1, v, half);
    assert_false(is_kept(1, 3, half));
    assert_true(is_kept(1, 4, half));
    for (uint64_t v = 0; v < TEXTS_FEWEST; v++)
        keep(2, v, 5);
    assert_false(is_kept(1, TEXTS_FEWEST + 2, half));
    assert_true(is_kept(1, TEXTS_FEWEST + 3, half));
    assert_true(is_kept(2, 0, 5));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_version_has_its_own),
        T(the_oldest_makes_room),
        T(one_that_is_kept_again_is_the_newest),
        T(bytes_are_bounded_but_for_a_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

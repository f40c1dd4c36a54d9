/* The journal: what is written comes back; what cannot be understood is on the safe side. */
#include "export/journal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "tests/unit/temp_dir.h"

static void comes_back(void **state)
{
    const struct journal all[] = {
        {.target = "node1"},
        {.target = "node1", .stopped = true},
        {.target = "node2", .t = 1234567890123},
        {.target = "node2", .t = 5, .stopped = true, .removing = true, .error = "No route % = [x]"},
        {.stopped = true, .error = "two\nlines"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct journal j = {0};

        assert_int_equal(journal_write(dir, "web1", &all[i]), 0);
        assert_int_equal(journal_read(dir, "web1", &j), 1);
        assert_string_equal(j.target, all[i].target);
        assert_int_equal(j.stopped, all[i].stopped);
        assert_int_equal(j.t, all[i].t);
        assert_int_equal(j.removing, all[i].removing);
        assert_true(!*all[i].error == !*j.error);
    }
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(journal_stage(&(struct journal){0}), "begun");
    assert_string_equal(journal_stage(&(struct journal){.stopped = true}), "stopped");
    assert_string_equal(journal_stage(&(struct journal){.t = 1, .stopped = true}), "publishing");
    assert_string_equal(journal_stage(&(struct journal){.t = 1, .removing = true}), "removing");
}

static void listed_and_removed(void **state)
{
    const struct journal j = {.target = "n"};
    struct journal seen;
    struct strvec names = {0};

    (void)state;
    assert_int_equal(journal_remove(dir, "web1"), 0);
    assert_int_equal(journal_read(dir, "web1", &seen), 0);
    assert_int_equal(journal_list(dir, &names), 0);
    assert_int_equal(names.n, 0);
    assert_int_equal(journal_write(dir, "a", &j), 0);
    assert_int_equal(journal_write(dir, "b", &j), 0);
    assert_int_equal(journal_list(dir, &names), 0);
    assert_int_equal(names.n, 2);
    strvec_clear(&names);
    assert_int_equal(journal_remove(dir, "a"), 0);
    assert_int_equal(journal_remove(dir, "a"), 0);
    assert_int_equal(journal_remove(dir, "b"), 0);
    assert_int_equal(journal_write(dir, "../x", &j), -EINVAL);
    assert_int_equal(journal_list("/nonexistent", &names), 0);
}

static void junk_means_that_something_was_under_way(void **state)
{
    static const char *const junk[] = {"",
                                       "x",
                                       "[export]\n",
                                       "[export]\ntarget = ../../etc\n",
                                       "[export]\ntarget = n\nstopped = perhaps\n",
                                       "[export]\ntarget = n\nt = -1\n",
                                       "\xff\xfe"};
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/journal/j", dir);
    assert_int_equal(journal_write(dir, "j", &(struct journal){0}), 0);
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        struct journal j;
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        fputs(junk[i], f);
        fclose(f);
        assert_int_equal(journal_read(dir, "j", &j), 1);
        assert_true(j.stopped);
        assert_string_equal(j.target, "");
        assert_int_equal(j.t, 0);
        assert_false(j.removing);
    }
    assert_int_equal(journal_remove(dir, "j"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(states_have_names),
        cmocka_unit_test(listed_and_removed),
        cmocka_unit_test(junk_means_that_something_was_under_way),
    };

    return cmocka_run_group_tests(tests, temp_dir_make, temp_dir_remove);
}

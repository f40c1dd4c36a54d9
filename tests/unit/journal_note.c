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
        {.n = 1, .parts = {{.target = "node1"}}},
        {.n = 1, .parts = {{.target = "node1"}}, .stopped = true},
        {.n = 2,
         .parts = {{.target = "node2", .t = 1234567890123},
                   {.target = "node1", .t = 5, .removing = true, .error = "No route % = [x]"}}},
        {.n = 1, .parts = {{.target = "node2", .t = 5, .hashing = true}}},
        {.stopped = true, .error = "two\nlines"},
        {.everywhere = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct journal j = {0};

        assert_int_equal(journal_write(dir, "web1", &all[i]), 0);
        assert_int_equal(journal_read(dir, "web1", &j), 1);
        assert_int_equal(j.stopped, all[i].stopped);
        assert_int_equal(j.everywhere, all[i].everywhere);
        assert_true(!*all[i].error == !*j.error);
        assert_int_equal(j.n, all[i].n);
        for (unsigned p = 0; p < j.n; p++) {
            assert_string_equal(j.parts[p].target, all[i].parts[p].target);
            assert_int_equal(j.parts[p].t, all[i].parts[p].t);
            assert_int_equal(j.parts[p].hashing, all[i].parts[p].hashing);
            assert_int_equal(j.parts[p].removing, all[i].parts[p].removing);
            assert_true(!*all[i].parts[p].error == !*j.parts[p].error);
        }
    }
}

/* All that fits comes back, and it fits. */
static void the_longest_comes_back(void **state)
{
    struct journal j = {.stopped = true, .everywhere = true}, seen;
    char name[64];

    (void)state;
    memset(j.error, '%', sizeof j.error - 1);
    for (unsigned i = 0; i < JOURNAL_PARTS; i++) {
        char label[61] = {0}; /* four labels of sixty characters: almost the longest name */

        memset(label, 'a', 60);
        assert_int_equal(journal_begin(&j, "x"), 0);
        snprintf(j.parts[0].target, sizeof j.parts[0].target, "%s.%s.%s.n%u", label, label, label,
                 i);
        memset(j.parts[0].error, '%', sizeof j.parts[0].error - 1);
        j.parts[0].t = INT64_MAX;
    }
    assert_int_equal(journal_begin(&j, "x"), -EOVERFLOW);
    snprintf(name, sizeof name, "longest");
    assert_int_equal(journal_write(dir, name, &j), 0);
    assert_int_equal(journal_read(dir, name, &seen), 1);
    assert_memory_equal(&j, &seen, sizeof j);
    assert_int_equal(journal_remove(dir, name), 0);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(journal_stage(&(struct journal){0}), "begun");
    assert_string_equal(journal_stage(&(struct journal){.stopped = true}), "stopped");
    assert_string_equal(
        journal_stage(&(struct journal){.n = 1, .parts = {{.t = 1}}, .stopped = true}),
        "publishing");
    assert_string_equal(
        journal_stage(&(struct journal){.n = 1, .parts = {{.t = 1, .removing = true}}}),
        "removing");
}

static void a_new_run_goes_in_front(void **state)
{
    struct journal j = {0};

    (void)state;
    assert_true(journal_empty(&j));
    assert_int_equal(journal_begin(&j, "a"), 0);
    assert_int_equal(journal_begin(&j, "b"), 0);
    j.parts[0].t = 7;
    assert_int_equal(journal_begin(&j, "a"), 0); /* the same is to be done there: once */
    assert_int_equal(j.n, 2);
    assert_string_equal(j.parts[0].target, "a");
    assert_string_equal(j.parts[1].target, "b");
    assert_int_equal(j.parts[1].t, 7);
    assert_int_equal(journal_begin(&j, "b"), 0); /* was it published there?  Not known yet */
    assert_int_equal(j.n, 3);
    journal_supersede(&j);
    assert_int_equal(j.n, 2); /* now it does not matter */
    assert_string_equal(j.parts[1].target, "a");
    journal_drop(&j, 0);
    journal_drop(&j, 0);
    assert_true(journal_empty(&j));
}

static void listed_and_removed(void **state)
{
    const struct journal j = {.n = 1, .parts = {{.target = "n"}}};
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
                                       "[export]\nparts = 1\n",
                                       "[export]\nparts = 17\n",
                                       "[export]\nparts = 1\n[part0]\ntarget = ../../etc\n",
                                       "[export]\nparts = 0\nstopped = perhaps\n",
                                       "[export]\nparts = 1\n[part0]\ntarget = n\nt = -1\n",
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
        assert_true(j.everywhere);
        assert_int_equal(j.n, 0);
        assert_true(*j.error);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/dev/zero", path), 0);
    assert_int_equal(journal_read(dir, "j", &(struct journal){0}), 1);
    assert_int_equal(journal_remove(dir, "j"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(the_longest_comes_back),
        cmocka_unit_test(a_new_run_goes_in_front),
        cmocka_unit_test(states_have_names),
        cmocka_unit_test(listed_and_removed),
        cmocka_unit_test(junk_means_that_something_was_under_way),
    };

    return cmocka_run_group_tests(tests, temp_dir_make, temp_dir_remove);
}

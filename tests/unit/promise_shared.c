/* T promised for the next export: the same for all mounts and after a remount, greater than every T
 * that was published or given up (DESIGN §3). */
#include "export/promise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

static char dir[64];

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/gnt-exportfs-test.XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    char cmd[128];

    (void)state;
    snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
    return system(cmd);
}

static void kept_until_the_floor_rises(void **state)
{
    int64_t now = time(NULL), t = promise_make(dir, "web1", 0);

    (void)state;
    assert_true(t >= now && t <= time(NULL));
    assert_int_equal(promise_make(dir, "web1", 0), t);
    assert_int_equal(promise_make(dir, "web1", t - 1), t);
    assert_int_equal(promise_make(dir, "web1", t + 7), t + 8);
    assert_int_equal(promise_make(dir, "web1", t + 7), t + 8);
}

static void instances_are_told_apart(void **state)
{
    int64_t far = time(NULL) + 50;

    (void)state;
    assert_int_equal(promise_make(dir, "a", far), far + 1);
    assert_true(promise_make(dir, "b", 0) < far);
}

static void set_record(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof path, "%s/promise/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void junk_is_no_promise(void **state)
{
    static const char *const junk[] = {"",
                                       "12",
                                       "000000000000000000x\n",
                                       "-000000000000000001\n",
                                       "9999999999999999999\n",
                                       "0000009999999999999\n"};

    (void)state;
    promise_make(dir, "j", 0);
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        int64_t t;

        set_record("j", junk[i]);
        t = promise_make(dir, "j", 0);
        assert_true(t > 0 && t <= time(NULL));
    }
}

/* No directory, a planted link: still a promise, and nothing is written elsewhere. */
static void without_a_record(void **state)
{
    char link[128], victim[128];
    struct stat st;
    int64_t t = promise_make("/nonexistent", "web1", 5);

    (void)state;
    assert_true(t > 5);
    snprintf(victim, sizeof victim, "%s/victim", dir);
    snprintf(link, sizeof link, "%s/promise/planted", dir);
    fclose(fopen(victim, "w"));
    assert_int_equal(symlink(victim, link), 0);
    assert_true(promise_make(dir, "planted", 0) > 0);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_true(promise_make(dir, "../victim", 0) > 0);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_until_the_floor_rises),
        cmocka_unit_test(instances_are_told_apart),
        cmocka_unit_test(junk_is_no_promise),
        cmocka_unit_test(without_a_record),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

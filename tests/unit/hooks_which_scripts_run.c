/* spec §4.1: which entries of a hooks directory run, in which order, and what is reported. */
#include "export/hooks_run.h"

#include "tests/unit/need_pidfd.h"
#include "tests/unit/node_help.h"

static const char *const env[] = {"PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL};

static struct node_hook_results results;
static struct err err;

static int run(void)
{
    node_hook_results_clear(&results);
    return hooks_run(base, "instance-export", "pre", env, 60, NULL, &results, &err);
}

static int teardown(void **state)
{
    node_hook_results_clear(&results);
    return node_teardown(state);
}

static void missing_directories_are_no_results(void **state)
{
    (void)state;
    assert_int_equal(run(), 0);
    assert_int_equal(results.n, 0);
    assert_int_equal(
        hooks_run("/nonexistent/hooks", "instance-export", "post", env, 60, NULL, &results, &err),
        0);
    assert_int_equal(results.n, 0);
}

static void an_empty_directory_is_no_results(void **state)
{
    (void)state;
    mkdir(path("instance-export-pre.d"), 0700);
    assert_int_equal(run(), 0);
    assert_int_equal(results.n, 0);
}

static void something_else_than_a_directory_is_an_error(void **state)
{
    (void)state;
    put(path("instance-export-pre.d"), "", 0700);
    assert_int_equal(run(), -ENOTDIR);
    assert_non_null(strstr(err.text, "instance-export-pre.d"));
}

static void each_entry_by_its_kind_and_name_in_byte_order(void **state)
{
    static const struct {
        const char *name, *make; /* make: shell, in the directory, $f the name */
        enum node_hook_code code;
    } table[] = {
        /* in byte order, which is the order expected */
        {"00-exec", "install -m 755 /dev/stdin $f", HKR_SUCCESS},
        {"10-noexec", "install -m 644 /dev/stdin $f", HKR_SKIP},
        {"20-group-exec", "install -m 610 /dev/stdin $f", HKR_SUCCESS},
        {"30-link", "ln -s ../target $f", HKR_SUCCESS},
        {"40-dangling", "ln -s nowhere $f", HKR_SKIP},
        {"50-dir", "mkdir $f", HKR_SKIP},
        {"60-link-to-dir", "ln -s / $f", HKR_SKIP},
        {"70-fifo", "mkfifo -m 755 $f", HKR_SKIP},
        {"80 blank", "install -m 755 /dev/stdin \"$f\"", HKR_SKIP},
        {"80.dot", "install -m 755 /dev/stdin $f", HKR_SKIP},
        {"80~", "install -m 755 /dev/stdin $f", HKR_SKIP},
        {"80\303\244", "install -m 755 /dev/stdin $f", HKR_SKIP},
        {"Upper_Case-9", "install -m 755 /dev/stdin $f", HKR_SUCCESS},
        {"lower", "install -m 755 /dev/stdin $f", HKR_SUCCESS},
    };
    const size_t n = sizeof table / sizeof *table;

    (void)state;
    if (geteuid() != 0)
        skip(); /* access(X_OK) of 610 is for root */
    assert_true(shell("cd %s && mkdir instance-export-pre.d && printf '#!/bin/sh\\necho ran\\n' "
                      ">target && chmod 755 target && cp target instance-export-pre.d/.hidden",
                      base));
    for (size_t i = n; i-- > 0;)
        assert_true(shell("cd %s/instance-export-pre.d && f='%s' && %s <../target", base,
                          table[i].name, table[i].make));
    assert_int_equal(run(), 0);
    /* the order is that of unsigned bytes: 80<blank> 80. 80~ 80<C3> */
    assert_int_equal(results.n, n);
    for (size_t i = 0; i < n; i++) {
        char script[128];

        snprintf(script, sizeof script, "instance-export-pre.d/%s", table[i].name);
        assert_string_equal(results.r[i].script, script);
        assert_int_equal(results.r[i].code, table[i].code);
        assert_string_equal(results.r[i].output, table[i].code == HKR_SUCCESS ? "ran" : "");
    }
}

static void the_phase_chooses_the_directory(void **state)
{
    (void)state;
    assert_true(shell("cd %s && mkdir instance-export-pre.d instance-export-post.d && "
                      "printf '#!/bin/sh\\n' >instance-export-post.d/x && "
                      "chmod 755 instance-export-post.d/x",
                      base));
    assert_int_equal(run(), 0);
    assert_int_equal(results.n, 0);
    assert_int_equal(hooks_run(base, "instance-export", "post", env, 60, NULL, &results, &err), 0);
    assert_int_equal(results.n, 1);
    assert_string_equal(results.r[0].script, "instance-export-post.d/x");
}

static void a_failing_script_does_not_stop_the_next(void **state)
{
    (void)state;
    mkdir(path("instance-export-pre.d"), 0700);
    put(path("instance-export-pre.d/a"), "#!/bin/sh\nexit 1\n", 0755);
    put(path("instance-export-pre.d/b"), "#!/bin/sh\nexit 0\n", 0755);
    assert_int_equal(run(), 0);
    assert_int_equal(results.n, 2);
    assert_int_equal(results.r[0].code, HKR_FAIL);
    assert_int_equal(results.r[1].code, HKR_SUCCESS);
}

static void paths_do_not_leave_the_hooks_directory(void **state)
{
    (void)state;
    assert_int_equal(hooks_run(base, "../x", "pre", env, 60, NULL, &results, &err), -EINVAL);
    assert_int_equal(hooks_run(base, "x", "../pre", env, 60, NULL, &results, &err), -EINVAL);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(missing_directories_are_no_results),
        T_(an_empty_directory_is_no_results),
        T_(something_else_than_a_directory_is_an_error),
        T_(each_entry_by_its_kind_and_name_in_byte_order),
        T_(the_phase_chooses_the_directory),
        T_(a_failing_script_does_not_stop_the_next),
        T_(paths_do_not_leave_the_hooks_directory),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* hook_script.h: a script that stalls or is cancelled is killed with its children, one that leaves
 * a child behind is not waited for.  The scripts would run for 1000 s; that the test ends is the
 * assertion. */
#include "export/hook_script.h"

#include "tests/unit/need_pidfd.h"
#include "tests/unit/node_help.h"

#include <pthread.h>
#include <signal.h>

static const char *const env[] = {"PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL};
static struct node_hook_result result;

static int teardown(void **state)
{
    free(result.output);
    result = (struct node_hook_result){0};
    return node_teardown(state);
}

static int run(const char *body, unsigned stall_s, struct cancel *cancel)
{
    char text[PATH_MAX];

    snprintf(text, sizeof text, "#!/bin/sh\ncd %s\n%s\n", base, body);
    put(path("script"), text, 0755);
    return hook_script_run(path("script"), env, stall_s, cancel, &result);
}

/* Is the process whose id a script left in this file gone, or on its way out? */
static bool is_gone(const char *pid_file)
{
    pid_t pid = (pid_t)atoi(get(path("%s", pid_file)));
    char file[64];

    assert_true(pid > 1);
    for (int i = 0; i < 600; i++) {
        snprintf(file, sizeof file, "/proc/%d/stat", (int)pid);
        if (!exists(file) || strstr(get(file), ") Z "))
            return true;
        usleep(50000);
    }
    return false;
}

static void silence_is_the_end_of_script_and_children(void **state)
{
    (void)state;
    assert_int_equal(run("echo before\nsleep 1000 & echo $! >child\nwait", 1, NULL), 0);
    assert_int_equal(result.code, HKR_FAIL);
    assert_string_equal(result.output, "before (killed: no output and no end for 1 seconds)");
    assert_true(is_gone("child"));
}

static void one_that_ignores_sigterm_is_killed(void **state)
{
    (void)state;
    assert_int_equal(run("trap '' TERM\necho $$ >self\nwhile :; do sleep 1; done", 1, NULL), 0);
    assert_int_equal(result.code, HKR_FAIL);
    assert_true(is_gone("self"));
}

static void a_stopped_one_is_killed(void **state)
{
    (void)state;
    assert_int_equal(run("echo $$ >self\nkill -STOP $$", 1, NULL), 0);
    assert_int_equal(result.code, HKR_FAIL);
    assert_true(is_gone("self"));
}

static void output_keeps_it_alive(void **state)
{
    (void)state;
    /* longer in all than the limit, never silent for so long */
    assert_int_equal(run("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done", 3, NULL), 0);
    assert_int_equal(result.code, HKR_SUCCESS);
    assert_string_equal(result.output, "1\\x0a2\\x0a3\\x0a4\\x0a5\\x0a6\\x0a7\\x0a8");
}

static void a_child_that_keeps_the_pipe_is_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(run("echo done\nsleep 1000 & echo $! >child", 600, NULL), 0);
    assert_int_equal(result.code, HKR_SUCCESS);
    assert_string_equal(result.output, "done");
    /* nor is it killed: it may be what the hook was for */
    assert_int_equal(kill((pid_t)atoi(get(path("child"))), SIGKILL), 0);
}

static void a_child_that_floods_the_pipe_is_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(run("yes & echo $! >child", 600, NULL), 0);
    assert_int_equal(result.code, HKR_SUCCESS);
    assert_true(is_gone("child")); /* of SIGPIPE */
}

static char started[PATH_MAX];

static void *cancel_when_started(void *arg)
{
    for (int i = 0; i < 1200 && !exists(started); i++)
        usleep(50000);
    cancel_request(arg);
    return NULL;
}

static void cancellation_kills_it(void **state)
{
    struct cancel cancel;
    pthread_t thread;

    (void)state;
    snprintf(started, sizeof started, "%s", path("started"));
    assert_int_equal(cancel_init(&cancel), 0);
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_started, &cancel), 0);
    assert_int_equal(run("sleep 1000 & echo $! >child\ntouch started\nwait", 600, &cancel),
                     -ECANCELED);
    pthread_join(thread, NULL);
    assert_null(result.output);
    assert_true(is_gone("child"));
    /* and nothing is started any more */
    unlink(started);
    assert_int_equal(run("touch started", 600, &cancel), -ECANCELED);
    assert_false(exists(started));
    cancel_destroy(&cancel);
}

static void no_child_stays_unreaped_and_no_descriptor_open(void **state)
{
    int before = count("/proc/self/fd");

    (void)state;
    assert_int_equal(run("exit 0", 600, NULL), 0);
    assert_int_equal(count("/proc/self/fd"), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(silence_is_the_end_of_script_and_children),
        T_(one_that_ignores_sigterm_is_killed),
        T_(a_stopped_one_is_killed),
        T_(output_keeps_it_alive),
        T_(a_child_that_keeps_the_pipe_is_not_waited_for),
        T_(a_child_that_floods_the_pipe_is_not_waited_for),
        T_(cancellation_kills_it),
        T_(no_child_stays_unreaped_and_no_descriptor_open),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

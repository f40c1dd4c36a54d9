/* spec §4.1: what a script finds around it: arguments, cwd, stdin, terminal, environment,
 * descriptors, signals. */
#include "export/hook_script.h"

#include "tests/unit/need_pidfd.h"
#include "tests/unit/node_help.h"

#include <signal.h>

static const char *const env[] = {"ONE=1", "EMPTY=", "BLANK=a b", "PERCENT=%s", NULL};

/* What a script with this body writes. */
static const char *says(const char *body)
{
    static struct node_hook_result result;
    char text[1024];

    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body);
    put(path("script"), text, 0755);
    free(result.output);
    assert_int_equal(hook_script_run(path("script"), env, 60, NULL, &result), 0);
    print_message("%s\n", result.output);
    assert_int_equal(result.code, HKR_SUCCESS);
    return result.output;
}

static void no_arguments_and_its_path_as_name(void **state)
{
    char expected[PATH_MAX];

    (void)state;
    snprintf(expected, sizeof expected, "0 %s", path("script"));
    assert_string_equal(says("echo $# $0"), expected);
}

static void cwd_is_the_root(void **state)
{
    (void)state;
    assert_string_equal(says("/bin/pwd"), "/");
}

static void stdin_is_dev_null(void **state)
{
    (void)state;
    assert_string_equal(says("readlink /proc/$$/fd/0; read x || echo eof"), "/dev/null\\x0aeof");
}

static void stdout_and_stderr_are_one_pipe(void **state)
{
    (void)state;
    assert_string_equal(says("echo out; echo err >&2; echo out"), "out\\x0aerr\\x0aout");
    assert_string_equal(says("[ \"$(readlink /proc/$$/fd/1)\" = \"$(readlink "
                             "/proc/$$/fd/2)\" ] && echo same"),
                        "same");
}

static void the_environment_is_replaced(void **state)
{
    (void)state;
    setenv("INHERITED", "no", 1);
    setenv("LC_ALL", "C", 1);
    assert_string_equal(says("/bin/cat /proc/$$/environ"),
                        "ONE=1\\x00EMPTY=\\x00BLANK=a b\\x00PERCENT=%s\\x00");
}

static void a_session_of_its_own_without_terminal(void **state)
{
    (void)state;
    /* fields 5, 6 and 7 of stat: process group, session, terminal */
    assert_string_equal(says("read -r a b c d pgrp session tty rest </proc/$$/stat\n"
                             "[ $pgrp = $$ ] && [ $session = $$ ] && echo $tty"),
                        "0");
}

static void no_other_descriptors(void **state)
{
    int inheritable = dup(0); /* without O_CLOEXEC */

    (void)state;
    assert_true(inheritable >= 0);
    dup2(inheritable, 77);
    /* the script itself is open in the shell, at 10 or above, or not at all */
    assert_string_equal(says("for f in 3 4 5 6 7 8 9 77; do [ -e /proc/$$/fd/$f ] && "
                             "[ \"$(readlink /proc/$$/fd/$f)\" != $0 ] && echo $f; "
                             "done; echo end"),
                        "end");
    close(inheritable);
    close(77);
}

static void signals_are_reset(void **state)
{
    sigset_t block, old;

    (void)state;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGUSR1);
    assert_int_equal(sigprocmask(SIG_BLOCK, &block, &old), 0);
    signal(SIGPIPE, SIG_IGN);
    const char *blocked = says("exec /bin/grep ^SigBlk /proc/self/status");

    assert_string_equal(blocked, "SigBlk:\\x090000000000000000");

    const char *ignored = says("exec /bin/grep ^SigIgn /proc/self/status");

    /* but for 32 and 33, which the C library keeps for itself */
    assert_int_equal(strncmp(ignored, "SigIgn:\\x09", 11), 0);
    assert_int_equal(strtoull(ignored + 11, NULL, 16) & ~0x180000000ULL, 0);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, node_setup, node_teardown)
    const struct CMUnitTest tests[] = {
        T_(no_arguments_and_its_path_as_name),
        T_(cwd_is_the_root),
        T_(stdin_is_dev_null),
        T_(stdout_and_stderr_are_one_pipe),
        T_(the_environment_is_replaced),
        T_(a_session_of_its_own_without_terminal),
        T_(no_other_descriptors),
        T_(signals_are_reset),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

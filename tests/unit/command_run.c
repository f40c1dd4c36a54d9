/* command.h: programs are found in PATH, run without a shell, and hand back their output; what
 * hangs, dies, babbles or is not there is an error that says so. */
#include "export/command.h"

#include "lock/cleanup.h"
#include "tests/unit/need_pidfd.h"
#include "tests/unit/node_help.h"

#include <pthread.h>

static struct err err;
static char *out;

static int setup(void **state)
{
    char all[PATH_MAX];

    if (node_setup(state) < 0)
        return -1;
    mkdir(path("bin"), 0700);
    snprintf(all, sizeof all, "relative:%s/absent:%s/bin:/usr/bin:/bin", base, base);
    out = NULL;
    err = (struct err){0};
    return setenv("PATH", all, 1);
}

static int teardown(void **state)
{
    free(out);
    return node_teardown(state);
}

static void program(const char *body)
{
    char text[2 * PATH_MAX];

    snprintf(text, sizeof text, "#!/bin/bash\n%s\n", body);
    put(path("bin/program"), text, 0755);
}

static int run(unsigned limit_s, struct cancel *cancel)
{
    const char *const argv[] = {"program", "one", "two  $HOME *", NULL};

    return command_run(&(struct command){argv, limit_s, cancel, -1}, &out, &err);
}

static void what_it_writes_comes_back(void **state)
{
    (void)state;
    program("printf '%s|%s|%s|%s|' \"$#\" \"$1\" \"$2\" \"$LC_ALL\"; pwd; echo aside >&2; cat");
    assert_int_equal(run(60, NULL), 0);
    assert_string_equal(out, "2|one|two  $HOME *|C|/\n");
}

static void nothing_is_an_answer_too(void **state)
{
    (void)state;
    program("exit 0");
    assert_int_equal(run(60, NULL), 0);
    assert_string_equal(out, "");
}

static void its_surroundings_are_its_own(void **state)
{
    (void)state;
    setenv("SECRET", "x", 1);
    program("echo $SECRET; ls /proc/self/fd | wc -l");
    assert_int_equal(run(60, NULL), 0);
    assert_string_equal(out, "\n4\n"); /* 0, 1, 2 and that of ls on the directory */
}

static void a_failure_is_told_by_its_last_words(void **state)
{
    (void)state;
    program("echo some; echo '  first' >&2; printf '  the reason.\\n\\n' >&2; exit 5");
    assert_int_equal(run(60, NULL), 5);
    assert_string_equal(out, "some\n");
    assert_string_equal(err.text, "program: the reason. (exit status 5)");
}

static void also_after_megabytes_of_others(void **state)
{
    (void)state;
    program("yes | head -c 3000000 >&2; echo reason >&2; exit 3");
    assert_int_equal(run(60, NULL), 3);
    assert_string_equal(err.text, "program: reason (exit status 3)");
}

static void one_without_a_word_is_a_failure_as_well(void **state)
{
    (void)state;
    program("exit 1");
    assert_int_equal(run(60, NULL), 1);
    assert_string_equal(err.text, "program: failed (exit status 1)");
}

static void one_that_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(run(60, NULL), -ENOENT);
    assert_non_null(strstr(err.text, "program"));
    assert_null(out);
}

static void a_relative_directory_in_path_is_passed_over(void **state)
{
    (void)state;
    mkdir(path("relative"), 0700);
    put(path("relative/program"), "#!/bin/sh\n", 0755);

    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_int_equal(chdir(base), 0);
    assert_int_equal(run(60, NULL), -ENOENT);
    assert_int_equal(fchdir(here), 0);
    close(here);
}

static void one_that_cannot_be_executed(void **state)
{
    (void)state;
    put(path("bin/program"), "#!/no/such/interpreter\n", 0755);
    assert_true(run(60, NULL) < 0);
    assert_non_null(strstr(err.text, "program"));
}

static void one_that_hangs_is_ended(void **state)
{
    (void)state;
    program("echo begun; exec sleep 1000");
    assert_int_equal(run(1, NULL), -ETIMEDOUT);
    assert_string_equal(err.text, "program: no end after 1 seconds");
    assert_null(out);
}

static void one_that_babbles_for_ever_is_ended_and_costs_nothing(void **state)
{
    (void)state;
    program("exec yes");
    assert_int_equal(run(1, NULL), -ETIMEDOUT);
    assert_null(out);
}

static void too_much_is_no_answer(void **state)
{
    (void)state;
    program("yes | head -c 5000000");
    assert_int_equal(run(60, NULL), -EFBIG);
    assert_null(out);
}

static void much_is_one(void **state)
{
    (void)state;
    program("yes | head -c 4000000");
    assert_int_equal(run(60, NULL), 0);
    assert_int_equal(strlen(out), 4000000);
}

static void a_nul_is_no_text(void **state)
{
    (void)state;
    program("printf 'a\\0b'");
    assert_int_equal(run(60, NULL), -EBADMSG);
    assert_null(out);
}

static void one_that_dies_of_a_signal(void **state)
{
    (void)state;
    program("kill -9 $$");
    assert_int_equal(run(60, NULL), -EIO);
    assert_string_equal(err.text, "program: killed by signal 9");
}

static void *request(void *arg)
{
    for (int i = 0; i < 600 && !exists(path("begun")); i++)
        usleep(50000);
    cancel_request(arg);
    return NULL;
}

static void one_that_is_cancelled(void **state)
{
    char body[PATH_MAX];
    struct cancel cancel;
    pthread_t thread;

    (void)state;
    snprintf(body, sizeof body, ": >%s/begun; exec sleep 1000", base);
    program(body);
    assert_int_equal(cancel_init(&cancel), 0);
    assert_int_equal(pthread_create(&thread, NULL, request, &cancel), 0);
    assert_int_equal(run(1000, &cancel), -ECANCELED);
    assert_int_equal(err.class, ERR_CANCELED);
    pthread_join(thread, NULL);
    cancel_destroy(&cancel);
}

static void a_descriptor_is_held_for_it(void **state)
{
    const char *const argv[] = {"program", NULL};

    (void)state;
    put(path("held"), "kept", 0600);
    program("cat <&3; ls /proc/self/fd | wc -l");

    CLEANUP_CLOSE int fd = open(path("held"), O_RDONLY | O_CLOEXEC);

    assert_int_equal(command_run(&(struct command){argv, 60, NULL, fd}, &out, &err), 0);
    assert_string_equal(out, "kept5\n");
}

int main(void)
{
#define T_(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T_(what_it_writes_comes_back),
        T_(nothing_is_an_answer_too),
        T_(its_surroundings_are_its_own),
        T_(a_failure_is_told_by_its_last_words),
        T_(also_after_megabytes_of_others),
        T_(one_without_a_word_is_a_failure_as_well),
        T_(one_that_is_not_there),
        T_(a_relative_directory_in_path_is_passed_over),
        T_(one_that_cannot_be_executed),
        T_(one_that_hangs_is_ended),
        T_(one_that_babbles_for_ever_is_ended_and_costs_nothing),
        T_(too_much_is_no_answer),
        T_(much_is_one),
        T_(a_nul_is_no_text),
        T_(one_that_dies_of_a_signal),
        T_(one_that_is_cancelled),
        T_(a_descriptor_is_held_for_it),
    };

    NEED_PIDFD();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
